"""How the keys of known providers begin, grouped by the character that most texts lack."""

from typing import Final

KEYS_WITH_UNDERSCORE: Final = (
    r"gh[oprsu]_[A-Za-z0-9]{20,}",  # GitHub
    r"github_pat_\w{20,}",
    r"[prs]k_(?:live|test)_[A-Za-z0-9]{10,}",  # Stripe
    r"whsec_[A-Za-z0-9]{16,}",
    r"ntn_[A-Za-z0-9]{20,}",  # Notion
    r"hf_[A-Za-z0-9]{20,}",  # Hugging Face
    r"gsk_[A-Za-z0-9]{20,}",  # Groq
    r"r8_[A-Za-z0-9]{20,}",  # Replicate
    r"npm_[A-Za-z0-9]{30,}",
    r"rw_[0-9a-f]{12}_[0-9a-f]{64}",  # our own
)
KEYS_WITH_DASH: Final = (
    r"sk-[\w-]{16,}",  # OpenAI, Anthropic, OpenRouter, DeepSeek, Langfuse
    r"gl(?:pat|dt|ft|soat|rt|cbt|imt)-[\w-]{16,}",  # GitLab
    r"xox[a-z]-[A-Za-z0-9-]{10,}",  # Slack
    r"xapp-[A-Za-z0-9-]{10,}",
    r"xai-[A-Za-z0-9]{20,}",
    r"pplx-[A-Za-z0-9]{20,}",  # Perplexity
    r"key-[0-9a-f]{32}",  # Mailgun
    r"pypi-[\w-]{30,}",
    r"sq0(?:atp|csp)-[\w-]{20,}",  # Square
)
KEYS_WITH_NEITHER: Final = (
    r"AIza[\w-]{30,}",  # Google
    r"ya29\.[\w-]{20,}",
    r"dapi[0-9a-f]{32}",  # Databricks
    r"SG\.[\w-]{16,}\.[\w-]{16,}",  # SendGrid
    r"pat[A-Za-z0-9]{14}\.[0-9a-f]{32,}",  # Airtable
)
KEYS_LIKE_NOTHING_ELSE: Final = (
    r"GOCSPX-[\w-]{16,}",  # Google
    r"shp(?:at|ca|pa|ss)_[0-9A-Za-z]{16,}",  # Shopify
    r"do[opr]_v1_[0-9a-z]{20,}",  # DigitalOcean
    r"hv[bsr]\.[\w-]{20,}",  # Vault
    r"lin_api_[A-Za-z0-9]{16,}",  # Linear
    r"AGE-SECRET-KEY-1[A-Z0-9]{20,}",
)
