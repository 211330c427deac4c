"""The words of alerts in each language that endpoints can be told in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

Language = Literal["en", "fr", "ar"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

HEADINGS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "opened": "Alert",
        "updated": "Update",
        "corrected": "Correction",
        "retracted": "Withdrawn",
        "closed": "Closed",
    },
    "fr": {
        "opened": "Alerte",
        "updated": "Mise à jour",
        "corrected": "Rectification",
        "retracted": "Retrait",
        "closed": "Clôture",
    },
    "ar": {
        "opened": "تنبيه",
        "updated": "تحديث",
        "corrected": "تصحيح",
        "retracted": "سحب",
        "closed": "إغلاق",
    },
}
"""How a text begins, by language and status."""

EXPLANATIONS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "opened": "",
        "updated": "There is more to an alert that you have had.",
        "corrected": "An article behind an alert that you have had now says something else.",
        "retracted": "What an alert that you have had rested on is no longer said. Please disregard it.",
        "closed": "Nothing more has been heard of this for a while.",
    },
    "fr": {
        "opened": "",
        "updated": "Du nouveau sur une alerte déjà reçue.",
        "corrected": "Un article à l'origine d'une alerte déjà reçue dit maintenant autre chose.",
        "retracted": "Ce qui fondait une alerte déjà reçue n'est plus affirmé. Merci de ne pas en tenir compte.",
        "closed": "Plus rien de nouveau à ce sujet depuis un certain temps.",
    },
    "ar": {
        "opened": "",
        "updated": "هناك جديد بشأن تنبيه سبق أن وصلكم.",
        "corrected": "مقال استند إليه تنبيه سبق أن وصلكم يقول الآن شيئا آخر.",
        "retracted": "لم يعد يقال ما استند إليه تنبيه سبق أن وصلكم. يرجى تجاهله.",
        "closed": "لم يرد جديد في هذا الشأن منذ مدة.",
    },
}
"""What a status means for who reads it, by language; empty where the heading says it all."""

SEVERITIES: Mapping[Language, Mapping[str, str]] = {
    "en": {"info": "information", "warning": "warning", "critical": "critical"},
    "fr": {"info": "information", "warning": "avertissement", "critical": "critique"},
    "ar": {"info": "معلومة", "warning": "تحذير", "critical": "حرج"},
}

LABELS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "reason": "Why",
        "confidence": "Confidence of the place",
        "sources": "Sources",
        "article": "Article",
        "map": "Map",
        "published": "Published",
        "test": "This is a test. Nothing has happened.",
    },
    "fr": {
        "reason": "Motif",
        "confidence": "Certitude du lieu",
        "sources": "Sources",
        "article": "Article",
        "map": "Carte",
        "published": "Publié",
        "test": "Ceci est un essai. Il ne s'est rien passé.",
    },
    "ar": {
        "reason": "السبب",
        "confidence": "درجة الثقة في المكان",
        "sources": "المصادر",
        "article": "المقال",
        "map": "الخريطة",
        "published": "تاريخ النشر",
        "test": "هذا اختبار. لم يحدث شيء.",
    },
}

BUNDLES: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "alerts": "{} alerts",
        "more": "and {} more",
        "comma": ", ",
        "digested": "Everything since the last digest.",
        "grouped": "Alerts of one theatre that came within a short time.",
        "limited": "More came than the limit lets through. This is what was held back.",
        "muted": "What came during the mute time.",
        "snoozed": "What came during the snooze.",
    },
    "fr": {
        "alerts": "{} alertes",
        "more": "et {} de plus",
        "comma": ", ",
        "digested": "Tout ce qui est arrivé depuis le dernier récapitulatif.",
        "grouped": "Alertes d'un même théâtre arrivées en peu de temps.",
        "limited": "Il en est arrivé plus que la limite ne le permet. Voici ce qui a été retenu.",
        "muted": "Ce qui est arrivé pendant les heures de silence.",
        "snoozed": "Ce qui est arrivé pendant la mise en veille.",
    },
    "ar": {
        "alerts": "عدد التنبيهات {}",
        "more": "و{} غيرها",
        "comma": "، ",
        "digested": "كل ما ورد منذ الموجز السابق.",
        "grouped": "تنبيهات من مسرح واحد وردت خلال وقت قصير.",
        "limited": "ورد أكثر مما يسمح به الحد. هذا ما حُجز.",
        "muted": "ما ورد خلال ساعات الصمت.",
        "snoozed": "ما ورد خلال التأجيل.",
    },
}
"""The words of several alerts told in one, and why they are, by the reason for which they waited."""
