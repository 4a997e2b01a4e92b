#include "core/html_text.hpp"

namespace cairn::html {
namespace {

// Sizes follow the reader's; one column that reflows to 320 px (WCAG 1.4.10); colours of at least
// 7 to 1 on their ground; nothing is told by colour alone.
constexpr std::string_view shared_css = R"css(
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #fff; color: #1a1a1a; overflow-wrap: anywhere;
  font: 1.05rem/1.55 "Segoe UI", Arial, sans-serif; }
main, footer { max-width: 52rem; margin: 0 auto; padding: 0 1rem; }
h1 { font-size: 1.8rem; line-height: 1.2; margin: 1rem 0 .5rem; }
h2 { font-size: 1.35rem; line-height: 1.25; margin: 2rem 0 .5rem;
  border-bottom: 2px solid #1a1a1a; }
h3 { font-size: 1.1rem; margin: 1.25rem 0 .25rem; }
dl { margin: 0; }
dl > div { display: flow-root; padding: .3rem 0; border-bottom: 1px solid #b5b5b5; }
dt { font-weight: bold; float: left; width: 30%; }
dd { margin: 0 0 0 32%; }
ul { padding-left: 1.25rem; margin: .5rem 0; }
footer { margin-top: 2rem; padding-bottom: 1rem; }
@media (max-width: 34rem) {
  dt { float: none; width: auto; }
  dd { margin: 0; }
  h1 { font-size: 1.5rem; }
}
@media print {
  body { font-size: 11pt; }
  main, footer { max-width: none; padding: 0; }
  h2, h3 { break-after: avoid; }
  dl > div, li, .act, .care { break-inside: avoid; }
}
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

std::string page_begin(std::string_view title, std::string_view css, std::string_view header) {
    std::string out = "<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n"
                      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                      "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
                      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                      "<meta name=\"referrer\" content=\"no-referrer\">\n<title>";
    out += escape(title);
    out += "</title>\n<style>";
    out += shared_css;
    out += css;
    out += "</style>\n</head>\n<body>\n";
    out += header;
    out += "<main>\n";
    return out;
}

std::string page_end(std::string_view footer) {
    return "</main>\n" + std::string(footer) + "</body>\n</html>\n";
}

} // namespace cairn::html
