"""Words and how people write them in a hurry. Small tables, written for this project."""

from typing import Final

NEIGHBOURS: Final = {
    "a": "sqz", "b": "vng", "c": "xvd", "d": "sfe", "e": "wrd", "f": "dgr", "g": "fht",
    "h": "gjn", "i": "uok", "j": "hkn", "k": "jlm", "l": "kop", "m": "nk", "n": "bmh",
    "o": "ipl", "p": "ol", "q": "wa", "r": "etf", "s": "adw", "t": "ryg", "u": "yij",
    "v": "cbf", "w": "qes", "x": "zcs", "y": "tuh", "z": "xa",
}  # fmt: skip
"""Keys beside each key, on an English keyboard."""

_SPARED_WORDS: Final = (
    "not no nor never none nothing without cannot can't cant don't dont won't wont isn't aren't "
    "wasn't weren't didn't doesn't shouldn't wouldn't couldn't haven't hasn't hadn't unless except "
    "only both either neither more less before after"
)
SPARED: Final = frozenset(_SPARED_WORDS.split())
"""Words that a slip of the finger could turn round; typos leave them alone."""

SLANG: Final = {
    "going to": "gonna",
    "want to": "wanna",
    "have to": "gotta",
    "have got to": "gotta",
    "kind of": "kinda",
    "give me": "gimme",
    "let me": "lemme",
    "do not know": "dunno",
    "don't know": "dunno",
    "what is": "what's",
    "how do i": "how do i even",
    "money": "cash",
    "yes": "yep",
    "very": "super",
    "really": "like really",
    "great": "sick",
    "good": "decent",
    "annoying": "a pain",
    "immediately": "right now",
    "hello": "hey there",
    "thank you": "cheers",
    "thanks": "cheers",
    "because": "cuz",
    "about": "bout",
    "all of you": "y'all",
    "isn't": "ain't",
    "would like to": "wanna",
    "is not working": "is busted",
    "isn't working": "is busted",
    "broken": "busted",
}
SLANG_OPENERS: Final = ("hey so", "yo", "ok so", "hiya,", "sup,", "so like")
SLANG_CLOSERS: Final = ("ya know?", "cheers mate", "no biggie tho", "lmk", "that'd be ace", "kk")

ABBREVIATIONS: Final = {
    "please": "pls",
    "thank you": "ty",
    "thanks": "thx",
    "as soon as possible": "asap",
    "as far as i know": "afaik",
    "by the way": "btw",
    "for example": "e.g.",
    "because": "bc",
    "without": "w/o",
    "with": "w/",
    "account": "acct",
    "accounts": "accts",
    "information": "info",
    "confirmation": "conf",
    "reservation": "resv",
    "appointment": "appt",
    "application": "app",
    "department": "dept",
    "transaction": "txn",
    "transactions": "txns",
    "transfer": "xfer",
    "message": "msg",
    "payment": "pmt",
    "payments": "pmts",
    "quantity": "qty",
    "received": "rcvd",
    "delivery": "dlvry",
    "address": "addr",
    "people": "ppl",
    "question": "q",
    "you": "u",
    "your": "ur",
    "are": "r",
    "though": "tho",
    "through": "thru",
    "probably": "prob",
    "regarding": "re",
    "minutes": "mins",
    "between": "btwn",
    "okay": "ok",
    "passenger": "pax",
    "passengers": "pax",
    "flight": "flt",
    "refund": "rfnd",
    "customer": "cust",
    "what": "wht",
    "have": "hv",
    "been": "bn",
    "need": "nd",
    "would": "wd",
    "should": "shd",
}
ABBREVIATED_CLOSERS: Final = ("thx", "pls advise", "tia", "ty", "asap pls")

SYNONYMS: Final = {
    "i want to": "I would like to",
    "i need to": "I have to",
    "i would like to": "I want to",
    "can you": "could you",
    "could you": "would you be able to",
    "how do i": "what do I have to do to",
    "how can i": "in what way can I",
    "where is": "what has become of",
    "help": "assist",
    "buy": "purchase",
    "show": "display",
    "start": "begin",
    "fix": "sort out",
    "check": "look at",
    "problem": "difficulty",
    "issue": "problem",
    "also": "in addition",
    "but": "however",
    "maybe": "perhaps",
    "quickly": "fast",
    "wrong": "incorrect",
    "happened": "occurred",
}
PARAPHRASE_OPENERS: Final = (
    "I was hoping you could take care of something for me.",
    "There is something I would like your support with.",
    "I am getting in touch about the following.",
    "Here is what I am after.",
    "Let me explain what this is about.",
)
