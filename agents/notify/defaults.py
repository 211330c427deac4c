"""The templates that stand where an endpoint has none of its own. `facts.py` says what they may name."""

from __future__ import annotations

TITLE = "{{ heading }}: {{ watch_name }} ({{ severity_word }})"

TEXT = """\
{% if is_test %}{{ words.test }}

{% endif -%}
{% if explanation %}{{ explanation }}

{% endif -%}
{% for change in changes %}- {{ change }}
{% endfor -%}
« {{ quote_marked }} »
{{ title }}{% if outlet %} ({{ outlet }}){% endif %}

{{ words.reason }}: {{ reason }}
{% if confidence is not none %}{{ words.confidence }}: {{ confidence }} %
{% endif -%}
{% if sources > 1 %}{{ words.sources }}: {{ sources }}
{% endif -%}
{% if published %}{{ words.published }}: {{ published.strftime("%Y-%m-%d %H:%M") }} UTC
{% endif -%}
{% if url %}{{ words.article }}: {{ url }}
{% endif -%}
{% if map_url %}{{ words.map }}: {{ map_url }}
{% endif %}"""

HTML = """\
<!DOCTYPE html>
<html lang="{{ told_in }}" dir="{{ direction }}">
<head><meta charset="utf-8"><title>{{ heading }}: {{ watch_name }}</title></head>
<body>
{% if is_test %}<p><strong>{{ words.test }}</strong></p>
{% endif -%}
<h1>{{ heading }}: {{ watch_name }}</h1>
<p>{{ severity_word }}</p>
{% if explanation %}<p>{{ explanation }}</p>
{% endif -%}
{% for change in changes %}<p dir="auto">{{ change }}</p>
{% endfor -%}
<blockquote dir="auto">{{ quote_html }}</blockquote>
<p dir="auto">{% if url %}<a href="{{ url }}">{{ title }}</a>{% else %}{{ title }}{% endif %}\
{% if outlet %} ({{ outlet }}){% endif %}</p>
<ul>
<li>{{ words.reason }}: {{ reason }}</li>
{% if confidence is not none %}<li>{{ words.confidence }}: {{ confidence }} %</li>
{% endif -%}
{% if sources > 1 %}<li>{{ words.sources }}: {{ sources }}</li>
{% endif -%}
{% if published %}<li>{{ words.published }}: {{ published.strftime("%Y-%m-%d %H:%M") }} UTC</li>
{% endif -%}
{% if map_url %}<li><a href="{{ map_url }}">{{ words.map }}</a></li>
{% endif -%}
</ul>
</body>
</html>
"""
