"""Marks of pages sent in place of the requested one: titles, addresses, scripts. Evidence, not proof."""

from __future__ import annotations

import re

_END = r"\s*(?:[|–—·:.«»!?-]|$|to\b|or\b|para\b|o\b|um\b|oder\b|pour\b|per\b)"
"""The title of a wall ends after these words, or says what for; a headline does not."""


def _begins(*words: str) -> re.Pattern[str]:
    return re.compile(rf"^\W*(?:{'|'.join(words)}){_END}", re.IGNORECASE)


TITLES = {
    "soft_404": re.compile(
        r"^\W*(?:error\W*)?404\W*(?:$|[|–—-]|error|not found)|(?:page|article|story) (?:was )?not found"
        r"|(?:page|article|story) (?:is )?no longer (?:available|exists)|page (?:can(?:no|')t|could not) be found"
        r"|p[áa]gina no (?:encontrada|existe|disponible)|contenido no (?:encontrado|disponible)"
        r"|seite (?:wurde )?(?:leider )?nicht gefunden|page (?:introuvable|non trouv[ée]e)|pagina non trovata"
        r"|p[áa]gina n[ãa]o encontrada|pagina niet gevonden|nie znaleziono (?:strony|artyku)|side[nr]? ikke funnet"
        r"|sidan (?:kunde inte hittas|hittades inte)",
        re.IGNORECASE,
    ),
    "login_wall": _begins(
        "log ?in", "sign ?in", "iniciar sesi[oó]n", "inicia sesi[oó]n", "identif[ií]cate", "anmelden", "anmeldung",
        "einloggen", "se connecter", "connexion", "accedi", "iniciar sess[aã]o", "logga in", "inloggen", "logg inn",
    ),
    "consent_wall": _begins(
        "before you continue", "cookie consent", "your privacy(?: choices)?", "we value your privacy",
        "datenschutz-?einstellungen", "zustimmung", "privacy ?gate", "privacy settings", "consentement",
    ),
    "captcha": _begins(
        "just a moment", "attention required", "captcha", r"are you (?:a )?(?:human|robot)", "verify(?:ing)? you are.*",
        "human verification", "pardon our interruption", "security check",
    ),
    "blocked": _begins(
        "access denied", "request blocked", r"(?:403\W*)?forbidden", "acceso denegado", "zugriff verweigert",
    ),
}  # fmt: skip
"""Patterns for the ``title`` of such a page."""

WALL_ADDRESSES = {
    "login_wall": re.compile(
        r"//(?:login|signin|sso|auth|account|id)\.|/(?:log-?in|sign-?in|anmelden|connexion|sso|iniciar-sesion)(?:[/.?]|$)",
        re.IGNORECASE,
    ),
    "consent_wall": re.compile(
        r"//(?:consent|myprivacy|guce|cmp)\.|/(?:privacy-?gate|cookie-?consent|consent|zustimmung)(?:[/.?]|$)",
        re.IGNORECASE,
    ),
}
"""Patterns for addresses that an article must not redirect to."""

CHALLENGE_HEADERS = {
    b"cf-mitigated": frozenset({"challenge"}),
    b"x-amzn-waf-action": frozenset({"challenge", "captcha"}),
}
CHALLENGES = (b"_cf_chl_opt", b"px-captcha", b"captcha-delivery.com", b"_Incapsula_Resource")
"""Marks of a challenge in a short page."""
WIDGETS = (b"g-recaptcha", b"h-captcha", b"cf-turnstile")
"""The same, only in an error page: ordinary forms have them too."""
