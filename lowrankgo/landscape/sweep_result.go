package landscape

import (
	"fmt"
	"html"
	"slices"
	"strings"
	"text/tabwriter"
)

// SweepResult is what a [Sweep] found. It prints as a table, in a terminal and
// in a notebook.
type SweepResult struct {
	Outcomes []SweepOutcome // by seed, then start, then method
	Total    int            // runs asked for; more than len(Outcomes) when the sweep ended early
	Overall  Proportion
	ByStart  []SweepGroup // in the order of Sweep.Starts
	ByMethod []SweepGroup // in the order of Sweep.Methods; those with one name together
}

// SweepGroup is what the outcomes with one start, or one method, have in common.
type SweepGroup struct {
	Name       string
	Proportion Proportion
	Iter       int // the median of the steps taken, the lower one of two; 0 without outcomes
	Verdicts   []VerdictCount
}

// VerdictCount is how many end points had a verdict.
type VerdictCount struct {
	Verdict Verdict
	Count   int
}

// count fills in the proportions.
func (r *SweepResult) count(s *Sweep) {
	r.Overall = r.group("all", s.Confidence, func(*SweepOutcome) bool { return true }).Proportion
	for _, start := range s.Starts {
		r.ByStart = append(r.ByStart, r.group(start.Name, s.Confidence, func(o *SweepOutcome) bool { return o.Start == start.Name }))
	}
	var names []string
	for _, m := range s.Methods {
		if name := m.Name(); !slices.Contains(names, name) {
			names = append(names, name)
			r.ByMethod = append(r.ByMethod, r.group(name, s.Confidence, func(o *SweepOutcome) bool { return o.Method == name }))
		}
	}
}

func (r *SweepResult) group(name string, confidence float64, in func(*SweepOutcome) bool) SweepGroup {
	g := SweepGroup{Name: name}
	var iters []int
	verdicts := map[Verdict]int{}
	successes := 0
	for i := range r.Outcomes {
		o := &r.Outcomes[i]
		if !in(o) {
			continue
		}
		iters = append(iters, o.Iter)
		verdicts[o.Certificate.Verdict]++
		if o.Success {
			successes++
		}
	}
	p, err := NewProportion(successes, len(iters), confidence)
	if err != nil {
		panic(err) // counts and confidence were checked
	}
	g.Proportion = p
	if len(iters) > 0 {
		slices.Sort(iters)
		g.Iter = iters[(len(iters)-1)/2]
	}
	for v, n := range verdicts {
		g.Verdicts = append(g.Verdicts, VerdictCount{v, n})
	}
	slices.SortFunc(g.Verdicts, func(a, b VerdictCount) int { return int(a.Verdict) - int(b.Verdict) })
	return g
}

// title says what the result is in one line.
func (r *SweepResult) title() string {
	text := "success in " + r.Overall.String()
	if n := len(r.Outcomes); n < r.Total {
		text += fmt.Sprintf("; the sweep ended after %d of %d runs", n, r.Total)
	}
	return text
}

// table lists the groups, with what kind they are.
func (r *SweepResult) table() [][]string {
	rows := [][]string{{"", "success", "median steps", "end points"}}
	for _, part := range []struct {
		kind   string
		groups []SweepGroup
	}{{"start", r.ByStart}, {"method", r.ByMethod}} {
		for _, g := range part.groups {
			var ends []string
			for _, v := range g.Verdicts {
				ends = append(ends, fmt.Sprintf("%d %v", v.Count, v.Verdict))
			}
			rows = append(rows, []string{part.kind + " " + g.Name, g.Proportion.String(), fmt.Sprint(g.Iter), strings.Join(ends, ", ")})
		}
	}
	return rows
}

// String is a table of the starts and the methods.
func (r *SweepResult) String() string {
	var b strings.Builder
	b.WriteString(r.title() + "\n\n")
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, row := range r.table() {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	w.Flush()
	return strings.TrimRight(b.String(), "\n")
}

// HTML is the same table for a notebook.
func (r *SweepResult) HTML() string {
	var b strings.Builder
	fmt.Fprintf(&b, "<p>%s</p>\n<table>\n", html.EscapeString(r.title()))
	for i, row := range r.table() {
		tag := "td"
		if i == 0 {
			tag = "th"
		}
		b.WriteString("<tr>")
		for _, cell := range row {
			fmt.Fprintf(&b, "<%s style=\"text-align:left\">%s</%s>", tag, html.EscapeString(cell), tag)
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</table>")
	return b.String()
}

// Failures lists the outcomes without success, those that a reader will want to
// look at.
func (r *SweepResult) Failures() []SweepOutcome {
	var out []SweepOutcome
	for _, o := range r.Outcomes {
		if !o.Success {
			out = append(out, o)
		}
	}
	return out
}
