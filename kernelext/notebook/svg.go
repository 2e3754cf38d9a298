package notebook

import (
	"encoding/xml"
	"io"
	"regexp"
	"strings"
)

var (
	svgID     = regexp.MustCompile(`(\s(?:xml:)?id\s*=\s*)(["'])([^"']+)(["'])`)
	svgHref   = regexp.MustCompile(`(\s(?:xlink:)?href\s*=\s*["'])#([^"']+)(["'])`)
	svgURL    = regexp.MustCompile(`(url\(\s*(?:["']|&quot;)?)#([^"')&]+)`)
	svgIDRefs = regexp.MustCompile(`(\saria-(?:labelledby|describedby)\s*=\s*["'])([^"']+)(["'])`)
	svgRoot   = regexp.MustCompile(`<svg[\s>]`)
	svgTitle  = regexp.MustCompile(`(?s)<title[^>]*>(.*?)</title>`)
	svgDesc   = regexp.MustCompile(`(?s)<desc[^>]*>(.*?)</desc>`)
)

// inlineSVG makes a standalone SVG fit to stand inside an HTML page beside
// others: without prolog, and with prefix in front of all its ids and of what
// refers to them. It is false for text that is not well-formed SVG, which would damage
// the page.
func inlineSVG(svg, prefix string) (string, bool) {
	start := svgRoot.FindStringIndex(svg)
	if start == nil {
		return "", false
	}
	svg = strings.TrimSpace(svg[start[0]:])
	if !wellFormed(svg) {
		return "", false
	}
	known := map[string]bool{}
	for _, m := range svgID.FindAllStringSubmatch(svg, -1) {
		known[m[3]] = true
	}
	if len(known) == 0 {
		return svg, true
	}
	rename := func(id string) string {
		if known[id] {
			return prefix + id
		}
		return id
	}
	svg = svgID.ReplaceAllStringFunc(svg, func(s string) string {
		m := svgID.FindStringSubmatch(s)
		return m[1] + m[2] + rename(m[3]) + m[4]
	})
	svg = svgHref.ReplaceAllStringFunc(svg, func(s string) string {
		m := svgHref.FindStringSubmatch(s)
		return m[1] + "#" + rename(m[2]) + m[3]
	})
	svg = svgURL.ReplaceAllStringFunc(svg, func(s string) string {
		m := svgURL.FindStringSubmatch(s)
		return m[1] + "#" + rename(m[2])
	})
	svg = svgIDRefs.ReplaceAllStringFunc(svg, func(s string) string {
		m := svgIDRefs.FindStringSubmatch(s)
		ids := strings.Fields(m[2])
		for i := range ids {
			ids[i] = rename(ids[i])
		}
		return m[1] + strings.Join(ids, " ") + m[3]
	})
	return svg, true
}

// wellFormed reports whether s is one XML element.
func wellFormed(s string) bool {
	dec := xml.NewDecoder(strings.NewReader(s))
	roots, depth := 0, 0
	for {
		tok, err := dec.Token()
		if err == io.EOF {
			return roots == 1 && depth == 0
		}
		if err != nil {
			return false
		}
		switch tok.(type) {
		case xml.StartElement:
			if depth == 0 {
				roots++
			}
			depth++
		case xml.EndElement:
			depth--
		}
	}
}
