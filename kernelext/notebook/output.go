package notebook

import (
	"fmt"
	"html"
	"regexp"
	"strings"

	"github.com/lowrankgo/lowrank/kernelext/show"
)

// outputs renders the outputs of the cells of one page.
type outputs struct {
	md      *markdown
	figures int // counts the pictures of the page; their ids begin with it
}

// richTypes are the MIME types a page shows, the best first.
var richTypes = []string{
	show.HTMLMIME, show.SVGMIME, show.PNGMIME, "image/jpeg", "image/gif", "image/webp",
	"text/markdown", "text/latex", "application/json", show.TextMIME,
}

// render gives the HTML of one output.
func (r *outputs) render(o *Output) (string, error) {
	switch o.Type {
	case Stream:
		class := "stream"
		if o.Name == "stderr" {
			class += " stderr"
		}
		return pre(class, terminal(o.Text)), nil
	case Error:
		text := strings.Join(o.Traceback, "\n")
		if strings.TrimSpace(text) == "" {
			text = o.EName + ": " + o.EValue
		}
		return pre("error", terminal(text)), nil
	}
	for _, mime := range richTypes {
		v, ok := o.Data[mime]
		if !ok {
			continue
		}
		if s, ok, err := r.rich(mime, v, o); ok || err != nil {
			return s, err
		}
	}
	return "", nil
}

// rich renders content of one type; false means that it is not what its type
// says, and the next type has its turn.
func (r *outputs) rich(mime string, v any, o *Output) (string, bool, error) {
	s, isText := v.(string)
	if mime == "application/json" {
		b, err := (&Notebook{Extra: map[string]any{"v": v}}).Bytes()
		return pre("text", string(b)), err == nil, nil
	}
	if !isText {
		return "", false, nil
	}
	switch mime {
	case show.HTMLMIME:
		class := "html scroll"
		if _, ok := o.Data[show.ClaimsMIME]; ok {
			class += " claims"
		}
		return `<div class="` + class + `">` + s + "</div>\n", true, nil
	case show.SVGMIME:
		r.figures++
		svg, ok := inlineSVG(s, fmt.Sprintf("f%d-", r.figures))
		return figure(svg, altText(o)), ok, nil
	case show.TextMIME:
		return pre("text", terminal(s)), true, nil
	case "text/markdown":
		out, err := r.md.render(s, nil)
		return `<div class="md">` + out + "</div>\n", true, err
	case "text/latex":
		out, err := r.md.render(s, nil)
		return `<div class="md">` + out + "</div>\n", true, err
	}
	img := fmt.Sprintf(`<img src="%s" alt="%s"%s>`, html.EscapeString(dataURI(mime, s)), html.EscapeString(altText(o)), width(o, mime))
	return "<figure>" + img + "</figure>\n", true, nil
}

// figure labels an inline SVG for who cannot see it.
func figure(svg, alt string) string {
	return `<figure role="img" aria-label="` + html.EscapeString(alt) + `">` + svg + "</figure>\n"
}

// altText describes a picture: the "alt" of its metadata, else the title or
// description inside the SVG, else the text beside it.
func altText(o *Output) string {
	for _, mime := range []string{show.SVGMIME, show.PNGMIME} {
		if m, ok := o.Metadata[mime].(map[string]any); ok {
			if alt, ok := m["alt"].(string); ok && alt != "" {
				return alt
			}
		}
	}
	if svg, ok := o.Data[show.SVGMIME].(string); ok {
		for _, p := range []*regexp.Regexp{svgTitle, svgDesc} {
			if m := p.FindStringSubmatch(svg); m != nil && strings.TrimSpace(m[1]) != "" {
				return html.UnescapeString(strings.TrimSpace(m[1]))
			}
		}
	}
	if text, ok := o.Data[show.TextMIME].(string); ok && strings.TrimSpace(text) != "" {
		return strings.Join(strings.Fields(text), " ")
	}
	return "Figure"
}

// width is the width that the metadata of a picture asks for.
func width(o *Output, mime string) string {
	m, _ := o.Metadata[mime].(map[string]any)
	if n, ok := intOf(m["width"]); ok && n > 0 {
		return fmt.Sprintf(` width="%d"`, n)
	}
	return ""
}

func pre(class, text string) string {
	return `<pre class="` + class + `" tabindex="0">` + html.EscapeString(text) + "</pre>\n"
}

var ansi = regexp.MustCompile(`\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])`)

// terminal gives what a terminal would show at the end: without colour codes,
// and of a line that was overwritten from its start (\r) the last version.
func terminal(s string) string {
	s = ansi.ReplaceAllString(s, "")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	if !strings.Contains(s, "\r") {
		return s
	}
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		l = strings.TrimRight(l, "\r")
		lines[i] = l[strings.LastIndexByte(l, '\r')+1:]
	}
	return strings.Join(lines, "\n")
}

// firstPicture is the first picture among the outputs of nb as a data URI.
func firstPicture(nb *Notebook) (uri, alt string) {
	for _, c := range nb.Cells {
		for _, o := range c.Outputs {
			for _, mime := range richTypes {
				s, ok := o.Data[mime].(string)
				if !ok || !strings.HasPrefix(mime, "image/") {
					continue
				}
				if mime == show.SVGMIME {
					if s, ok = inlineSVG(s, ""); !ok {
						continue
					}
				}
				return dataURI(mime, s), altText(o)
			}
		}
	}
	return "", ""
}
