"""The checks that ship, by name. Packages offer others as graders called ``policy.<name>``."""

from typing import Final

from roadworthy.base.registry import Registry
from roadworthy.grade.policy.approval import ApprovalCheck
from roadworthy.grade.policy.arguments import ArgumentsCheck
from roadworthy.grade.policy.budget import BudgetCheck
from roadworthy.grade.policy.check import PolicyCheck
from roadworthy.grade.policy.confirmation import ConfirmationCheck
from roadworthy.grade.policy.document import CachedCheck, DocumentCheck
from roadworthy.grade.policy.injection import InjectionCheck
from roadworthy.grade.policy.requires import EscalationCheck, RequiresCheck
from roadworthy.grade.policy.restricted import RestrictedCheck
from roadworthy.grade.policy.retries import RetriesCheck
from roadworthy.grade.policy.tools import ToolsCheck
from roadworthy.grade.policy.turns import TurnsCheck

_SHIPPED: tuple[type[PolicyCheck], ...] = (
    ToolsCheck,
    ArgumentsCheck,
    RestrictedCheck,
    ApprovalCheck,
    ConfirmationCheck,
    RequiresCheck,
    EscalationCheck,
    DocumentCheck,
    CachedCheck,
    RetriesCheck,
    BudgetCheck,
    TurnsCheck,
    InjectionCheck,
)
CHECKS: Final[Registry[type[PolicyCheck]]] = Registry("policy check")
for _kind in _SHIPPED:
    CHECKS.add(_kind.name, _kind)
