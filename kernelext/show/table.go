package show

import (
	"fmt"
	"html"
	"strings"
)

// Table is a table of a cell's output. Floating-point numbers show with four
// significant digits; other values as [fmt.Sprint] prints them. A column whose
// cells are all numbers is set flush right.
//
//	show.Table{
//		Header:  []string{"μ", "iterations", "SqErr"},
//		Rows:    [][]interface{}{{0.1, 812, 3.1e-21}, {0.0, 797, 2.8e-21}},
//		Caption: "Gradient descent, one row per μ",
//	}
//
// Rows may differ in length: missing cells are empty. A table with neither
// header nor rows is an error, shown in its place.
type Table struct {
	Header  []string        // titles of the columns; may be empty
	Rows    [][]interface{} // cells, row by row
	Caption string          // a sentence above the table; may be empty
}

// Err returns what is wrong with t, or nil.
func (t Table) Err() error {
	if t.columns() == 0 {
		return fmt.Errorf("show: a Table needs a Header or Rows; both are empty")
	}
	return nil
}

func (t Table) columns() int {
	n := len(t.Header)
	for _, r := range t.Rows {
		n = max(n, len(r))
	}
	return n
}

// grid is a table in letters: what text and HTML have in common.
type grid struct {
	header  []string
	cells   [][]string
	numbers [][]bool // whether a cell is a number
	right   []bool   // whether a column is flush right
}

func (t Table) grid() grid {
	n := t.columns()
	g := grid{header: make([]string, n), right: make([]bool, n)}
	copy(g.header, t.Header)
	filled := make([]bool, n)
	for c := range g.right {
		g.right[c] = true
	}
	for _, row := range t.Rows {
		cells, numbers := make([]string, n), make([]bool, n)
		for c, v := range row {
			cells[c], numbers[c] = cellText(v)
			if v != nil {
				filled[c] = true
				g.right[c] = g.right[c] && numbers[c]
			}
		}
		g.cells, g.numbers = append(g.cells, cells), append(g.numbers, numbers)
	}
	for c := range g.right {
		g.right[c] = g.right[c] && filled[c]
	}
	return g
}

// String is the table in aligned text.
func (t Table) String() string {
	if err := t.Err(); err != nil {
		return err.Error()
	}
	g := t.grid()
	width := make([]int, len(g.header))
	for _, line := range append([][]string{g.header}, g.cells...) {
		for c, s := range line {
			width[c] = max(width[c], textWidth(oneLine(s)))
		}
	}
	var b strings.Builder
	if t.Caption != "" {
		b.WriteString(t.Caption + "\n\n")
	}
	if len(t.Header) > 0 {
		g.line(&b, g.header, width)
		rule := make([]string, len(width))
		for c, w := range width {
			rule[c] = strings.Repeat("─", w)
		}
		g.line(&b, rule, width)
	}
	for _, cells := range g.cells {
		g.line(&b, cells, width)
	}
	return strings.TrimRight(b.String(), "\n")
}

func (g grid) line(b *strings.Builder, cells []string, width []int) {
	var line strings.Builder
	for c, s := range cells {
		s = oneLine(s)
		pad := strings.Repeat(" ", width[c]-textWidth(s))
		if c > 0 {
			line.WriteString("  ")
		}
		if g.right[c] {
			line.WriteString(pad + s)
		} else {
			line.WriteString(s + pad)
		}
	}
	b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// HTML is the table as an HTML element of its own, without scripts or
// classes. It has no colours, so that it follows the theme of the page.
func (t Table) HTML() string {
	if err := t.Err(); err != nil {
		return errorHTML(err)
	}
	g := t.grid()
	var b strings.Builder
	b.WriteString(`<table style="border-collapse:collapse">`)
	if t.Caption != "" {
		fmt.Fprintf(&b, `<caption style="text-align:left;padding:0.3em 0">%s</caption>`, html.EscapeString(t.Caption))
	}
	if len(t.Header) > 0 {
		b.WriteString("<thead><tr>")
		for c, s := range g.header {
			fmt.Fprintf(&b, `<th scope="col" style="%s">%s</th>`, cellStyle(g.right[c]), html.EscapeString(s))
		}
		b.WriteString("</tr></thead>")
	}
	b.WriteString("<tbody>\n")
	for r, cells := range g.cells {
		b.WriteString("<tr>")
		for c, s := range cells {
			content := strings.ReplaceAll(html.EscapeString(s), "\n", "<br>")
			if g.numbers[r][c] {
				content = numberHTML(s)
			}
			fmt.Fprintf(&b, `<td style="%s">%s</td>`, cellStyle(g.right[c]), content)
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</tbody></table>")
	return b.String()
}

// cellStyle is the style of a cell: flush right or left.
func cellStyle(right bool) string {
	if right {
		return "padding:0.2em 0.7em;text-align:right"
	}
	return "padding:0.2em 0.7em;text-align:left"
}

// SimpleRender is how the table shows in a notebook.
func (t Table) SimpleRender() map[string]interface{} {
	return map[string]interface{}{HTMLMIME: t.HTML(), TextMIME: t.String()}
}
