package notebook

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	ghtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// heading is an entry of a page's contents.
type heading struct {
	Level int
	ID    string
	Text  string // plain, with formulas as they were written
}

// markdown renders the Markdown of one page: its headings share one set of
// anchors.
type markdown struct {
	md       goldmark.Markdown
	tex      *texer
	anchors  anchors
	headings []heading
}

func newMarkdown(tex *texer) *markdown {
	md := goldmark.New(
		goldmark.WithExtensions(extension.GFM),
		goldmark.WithParserOptions(parser.WithAutoHeadingID()),
		goldmark.WithRendererOptions(ghtml.WithUnsafe(),
			renderer.WithNodeRenderers(util.Prioritized(codeBlocks{}, 100))),
	)
	return &markdown{md: md, tex: tex, anchors: anchors{}}
}

// render turns Markdown with formulas into HTML. Pictures must be inside the
// notebook: attachments and data URIs are shown, any other becomes a link, so
// that the page asks no host for anything. Links to other notebooks lead to
// their pages.
func (m *markdown) render(source string, attachments map[string]any) (string, error) {
	cut, formulas := cutMath(source)
	src := []byte(cut)
	doc := m.md.Parser().Parse(text.NewReader(src), parser.WithContext(parser.NewContext(parser.WithIDs(m.anchors))))
	m.adapt(doc, src, formulas, attachments)
	var buf bytes.Buffer
	if err := m.md.Renderer().Render(&buf, src, doc); err != nil {
		return "", fmt.Errorf("notebook: Markdown: %w", err)
	}
	out := strings.NewReplacer("<table>", `<div class="scroll"><table>`, "</table>", "</table></div>").Replace(buf.String())
	return putMath(out, formulas, m.tex.render), nil
}

func (m *markdown) adapt(doc ast.Node, src []byte, formulas []formula, attachments map[string]any) {
	var outside []*ast.Image
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			id, _ := n.AttributeString("id")
			b, _ := id.([]byte)
			label := putMath(plainText(n, src), formulas, func(f formula) string { return f.source })
			m.headings = append(m.headings, heading{Level: n.Level, ID: string(b), Text: label})
		case *ast.Link:
			n.Destination = []byte(pageLink(string(n.Destination)))
		case *ast.Image:
			dest, ok := inlineImage(string(n.Destination), attachments)
			if !ok {
				outside = append(outside, n)
			}
			n.Destination = []byte(dest)
		}
		return ast.WalkContinue, nil
	})
	for _, img := range outside {
		link := ast.NewLink()
		link.Destination, link.Title = img.Destination, img.Title
		for c := img.FirstChild(); c != nil; {
			next := c.NextSibling()
			link.AppendChild(link, c)
			c = next
		}
		if link.FirstChild() == nil {
			link.AppendChild(link, ast.NewString(img.Destination))
		}
		img.Parent().ReplaceChild(img.Parent(), img, link)
	}
}

// plainText is the text inside n without marks of emphasis, code or links.
func plainText(n ast.Node, src []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(c ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			switch c := c.(type) {
			case *ast.Text:
				b.Write(c.Segment.Value(src))
				if c.SoftLineBreak() {
					b.WriteByte(' ')
				}
			case *ast.String:
				b.Write(c.Value)
			}
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// pageLink turns a relative link to a notebook into one to its page.
func pageLink(dest string) string {
	u, err := url.Parse(dest)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasSuffix(u.Path, ".ipynb") {
		return dest
	}
	u.Path = strings.TrimSuffix(u.Path, ".ipynb") + ".html"
	return u.String()
}

// inlineImage gives the data URI of a picture that the notebook holds.
func inlineImage(dest string, attachments map[string]any) (string, bool) {
	if strings.HasPrefix(dest, "data:image/") {
		return dest, true
	}
	name, ok := strings.CutPrefix(dest, "attachment:")
	if !ok {
		return dest, false
	}
	if plain, err := url.PathUnescape(name); err == nil {
		name = plain
	}
	bundle, _ := attachments[name].(map[string]any)
	for _, mime := range []string{"image/svg+xml", "image/png", "image/jpeg", "image/gif", "image/webp"} {
		if s, ok := bundle[mime].(string); ok {
			return dataURI(mime, s), true
		}
	}
	return dest, false
}

// dataURI wraps the content of a MIME bundle: SVG is text there, other
// pictures are base64 already.
func dataURI(mime, content string) string {
	if mime == "image/svg+xml" {
		content = base64.StdEncoding.EncodeToString([]byte(content))
	}
	return "data:" + mime + ";base64," + strings.Join(strings.Fields(content), "")
}

// anchors gives headings the anchors that Jupyter gives them, so that links
// inside a notebook work in both: the text with - for spaces. It is the
// parser.IDs of one page.
type anchors map[string]bool

// Generate makes an anchor of a heading's text.
func (a anchors) Generate(value []byte, _ ast.NodeKind) []byte {
	var b strings.Builder
	for _, r := range markPattern.ReplaceAllString(string(value), "") {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_.,:;()[]", r):
			b.WriteRune(r)
		case unicode.IsSpace(r):
			b.WriteByte('-')
		}
	}
	base := strings.Trim(b.String(), "-")
	if base == "" {
		base = "section"
	}
	id := base
	for i := 1; a[id]; i++ {
		id = fmt.Sprintf("%s-%d", base, i)
	}
	a[id] = true
	return []byte(id)
}

// Put records an anchor that the text itself gives.
func (a anchors) Put(value []byte) { a[string(value)] = true }

// codeBlocks renders code blocks with highlighting.
type codeBlocks struct{}

// RegisterFuncs makes codeBlocks a renderer.NodeRenderer.
func (codeBlocks) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindFencedCodeBlock, func(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			block := n.(*ast.FencedCodeBlock)
			_, err := w.WriteString(highlight(string(block.Lines().Value(src)), string(block.Language(src))))
			return ast.WalkSkipChildren, err
		}
		return ast.WalkContinue, nil
	})
}
