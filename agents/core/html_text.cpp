#include "agents/core/html_text.hpp"

namespace cairn::agents {
namespace {

constexpr std::string_view shared_css = R"css(
:root { color-scheme: light; }
body { margin: 0; background: #fff; color: #1a1a1a; font: 1rem/1.5 "Segoe UI", Arial, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: .5rem 0; }
h2 { font-size: 1.25rem; margin: 2rem 0 .5rem; border-bottom: 2px solid #1a1a1a; }
h3 { font-size: 1.05rem; margin: 1.25rem 0 .25rem; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; font-weight: bold; padding: .25rem 0; }
th, td { border: 1px solid #6b6b6b; padding: .35rem .5rem; text-align: left; vertical-align: top; }
th { background: #f1f1f1; }
td { white-space: pre-wrap; overflow-wrap: anywhere; }
:focus-visible { outline: 3px solid #0b57a4; outline-offset: 2px; }
@media print { main { max-width: none; padding: 0; } tr { break-inside: avoid; } }
)css";

} // namespace

std::string escape(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 8);
    for (const char c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        case '\'':
            out += "&#39;";
            break;
        case '\n':
        case '\t':
            out += c;
            break;
        default:
            if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
                out += "\xef\xbf\xbd";
            else
                out += c;
        }
    }
    return out;
}

std::string shown(std::string_view text) {
    return "<bdi>" + escape(text) + "</bdi>";
}

std::string page_begin(std::string_view title, std::string_view css) {
    std::string out = "<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n"
                      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                      "style-src 'unsafe-inline'\">\n"
                      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                      "<meta name=\"referrer\" content=\"no-referrer\">\n<title>";
    out += escape(title);
    out += "</title>\n<style>";
    out += shared_css;
    out += css;
    out += "</style>\n</head>\n<body>\n<main>\n";
    return out;
}

std::string page_end() {
    return "</main>\n</body>\n</html>\n";
}

} // namespace cairn::agents
