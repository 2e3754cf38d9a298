package notebook

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/lowrankgo/lowrank/kernelext/show"
)

//go:embed assets/page.html assets/index.html assets/style.css assets/theme.js
var assets embed.FS

// Renderer turns notebooks into HTML pages. The zero value is ready; it is for
// one goroutine at a time. Its first formula costs about 0.1 s.
type Renderer struct {
	tex       texer
	templates *template.Template
}

// Page renders nb, a file name without its ending, as one self-contained HTML
// page: it asks no host for anything, opens from a folder, and follows the
// reader's light or dark theme. Formulas become MathML. The problems are
// formulas that are not TeX, which the page shows as they were written.
func (r *Renderer) Page(nb *Notebook, name string) (page []byte, problems []string, err error) {
	r.tex.problems, r.tex.used = nil, false
	md := newMarkdown(&r.tex)
	cells, err := renderCells(nb, md)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	claims, _ := Claims(nb) // what is not a claim is reported by who ran the notebook
	data := pageData{
		Title:    plainMath(nb.Title(name)),
		Name:     name,
		Cells:    cells,
		Contents: contents(md.headings),
		Claims:   summary(claims),
		Failed:   failed(nb),
	}
	if data.Style, err = pageCSS(r.tex.used, true); err != nil {
		return nil, nil, err
	}
	page, err = r.execute("page.html", &data)
	return page, r.tex.problems, err
}

type pageData struct {
	Title    string
	Name     string
	Style    template.CSS
	Script   template.JS
	Contents []heading
	Claims   string // "3 claims hold", empty without claims
	Failed   bool   // a cell failed or a claim does not hold
	Cells    []cellData
}

func (d *pageData) setScript(js template.JS) { d.Script = js }

type cellData struct {
	Type    string
	ID      string
	Count   int
	Source  template.HTML
	Hidden  bool // the source is folded
	Outputs []template.HTML
}

// renderCells renders the cells in order; blank code cells are left out.
func renderCells(nb *Notebook, md *markdown) ([]cellData, error) {
	out := outputs{md: md}
	var cells []cellData
	for _, c := range nb.Cells {
		d := cellData{Type: c.Type, ID: "cell-" + c.ID, Count: c.ExecutionCount}
		switch c.Type {
		case Markdown:
			s, err := md.render(c.Source, c.Attachments)
			if err != nil {
				return nil, err
			}
			d.Source = template.HTML(s)
		case Code:
			if strings.TrimSpace(c.Source) == "" {
				continue
			}
			d.Source, d.Hidden = template.HTML(highlight(c.Source, "go")), sourceHidden(c)
			for _, o := range c.Outputs {
				s, err := out.render(o)
				if err != nil {
					return nil, err
				}
				d.Outputs = append(d.Outputs, template.HTML(s))
			}
		default:
			continue
		}
		cells = append(cells, d)
	}
	return cells, nil
}

// sourceHidden reports whether JupyterLab folds the cell's source.
func sourceHidden(c *Cell) bool {
	if j, ok := c.Metadata["jupyter"].(map[string]any); ok && j["source_hidden"] == true {
		return true
	}
	tags, _ := c.Metadata["tags"].([]any)
	return slices.Contains(tags, any("hide-input"))
}

// contents are the headings below the title, when there are enough of them.
func contents(all []heading) []heading {
	var list []heading
	for _, h := range all {
		if h.Level == 2 {
			list = append(list, h)
		}
	}
	if len(list) < 3 {
		return nil
	}
	return list
}

// failed reports whether a cell failed or a claim does not hold.
func failed(nb *Notebook) bool {
	for _, c := range nb.Cells {
		for _, o := range c.Outputs {
			if o.Type == Error {
				return true
			}
		}
	}
	claims, err := Claims(nb)
	return err != nil || slices.ContainsFunc(claims, func(c show.Claim) bool { return c.Verdict() == show.Fails })
}

// summary counts verdicts in words.
func summary(claims []show.Claim) string {
	count := map[string]int{}
	for _, c := range claims {
		count[c.Verdict()]++
	}
	var parts []string
	for _, v := range []struct{ verdict, one, many string }{
		{show.Holds, "claim holds", "claims hold"},
		{show.Fails, "claim fails", "claims fail"},
		{show.Empirical, "empirical observation", "empirical observations"},
	} {
		switch n := count[v.verdict]; n {
		case 0:
		case 1:
			parts = append(parts, "1 "+v.one)
		default:
			parts = append(parts, fmt.Sprintf("%d %s", n, v.many))
		}
	}
	return strings.Join(parts, ", ")
}

// plainMath writes a text without the dollar signs of its formulas, for places
// where no markup can stand.
func plainMath(s string) string {
	cut, formulas := cutMath(s)
	cut = strings.NewReplacer("*", "", "`", "").Replace(cut)
	return putMath(cut, formulas, func(f formula) string { return f.tex })
}

// execute fills one of the templates.
func (r *Renderer) execute(name string, data interface{ setScript(template.JS) }) ([]byte, error) {
	if r.templates == nil {
		t, err := template.ParseFS(assets, "assets/*.html")
		if err != nil {
			return nil, fmt.Errorf("notebook: %w", err)
		}
		r.templates = t
	}
	js, err := assets.ReadFile("assets/theme.js")
	if err != nil {
		return nil, fmt.Errorf("notebook: %w", err)
	}
	data.setScript(template.JS(js))
	var b bytes.Buffer
	if err := r.templates.ExecuteTemplate(&b, name, data); err != nil {
		return nil, fmt.Errorf("notebook: page: %w", err)
	}
	return b.Bytes(), nil
}

// pageCSS is the style of a page, with the parts for formulas and code only
// where they are needed.
func pageCSS(formulas, code bool) (template.CSS, error) {
	base, err := assets.ReadFile("assets/style.css")
	if err != nil {
		return "", fmt.Errorf("notebook: %w", err)
	}
	css := string(base)
	if code {
		h, err := highlightCSS()
		if err != nil {
			return "", err
		}
		css += h
	}
	if formulas {
		css += mathCSS()
	}
	return template.CSS(css), nil
}
