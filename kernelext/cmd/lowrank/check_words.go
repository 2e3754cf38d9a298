package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// sentences say what a check found, and what to do.
func (r *checkSummary) sentences() []string {
	out := []string{r.answer()}
	out = append(out, r.lost("row", "column", r.LostRows)...)
	out = append(out, r.lost("column", "row", r.LostCols)...)
	out = append(out, r.left()...)
	out = append(out, r.answers()...)
	if r.Determined == nil || !*r.Determined {
		out = append(out, r.advice()...)
	}
	return out
}

// answer is the first sentence.
func (r *checkSummary) answer() string {
	sure := ""
	if !r.Proven {
		sure = " (an estimate)"
	}
	switch {
	case r.Determined == nil:
		return fmt.Sprintf("It is not known whether the entries determine a matrix of rank %d: the estimate did not converge.", r.Rank)
	case *r.Determined:
		return fmt.Sprintf("The entries determine everything at rank %d%s: finitely many matrices, mostly one, have them.", r.Rank, sure)
	}
	return fmt.Sprintf("The entries do not determine everything at rank %d%s: %s of the matrix is open, and %s missing at least.",
		r.Rank, sure, percent(float64(r.Open)/float64(r.Rows)/float64(r.Cols)), counted(r.Missing, "further entry is", "further entries are"))
}

// lost tells of the rows, or the columns, that are peeled off.
func (r *checkSummary) lost(one, other string, lines []checkLine) []string {
	if len(lines) == 0 {
		return nil
	}
	out := []string{fmt.Sprintf("%s cannot be recovered at rank %d: %s.", counted(len(lines), one, one+"s"), r.Rank, named(lines, true))}
	enough := 0
	for _, l := range lines {
		if l.Entries >= r.Rank {
			enough++
		}
	}
	if enough > 0 {
		out = append(out, fmt.Sprintf("  %d of them with %d entries or more, but fewer in %ss that can be recovered.", enough, r.Rank, other))
	}
	return out
}

// left tells of what is not lost.
func (r *checkSummary) left() []string {
	var out []string
	if len(r.Parts) > 1 {
		out = append(out, fmt.Sprintf("The others fall into %d parts without entries between them, and nothing between two parts is determined.", len(r.Parts)))
	}
	if r.Determined != nil && *r.Determined {
		return out
	}
	if r.Block.Rows == 0 {
		return append(out, fmt.Sprintf("There is no block of rows and columns in which everything is known to be determined at rank %d.", r.Rank))
	}
	out = append(out, fmt.Sprintf("In a block of %s and %s everything is determined%s.",
		counted(r.Block.Rows, "row", "rows"), counted(r.Block.Cols, "column", "columns"), r.estimated()))
	for _, k := range []struct {
		one   string
		lines []checkLine
	}{{"row", r.Block.Less}, {"column", r.Block.More}} {
		if n := len(k.lines); n > 0 {
			out = append(out, fmt.Sprintf("  Beside it, %s %s connected with too few entries: %s.", counted(n, k.one, k.one+"s"), isAre(n), named(k.lines, false)))
		}
	}
	return out
}

// estimated says so when a part was.
func (r *checkSummary) estimated() string {
	if slices.ContainsFunc(r.Parts, func(p checkPart) bool { return p.Estimate != nil }) {
		return " (an estimate)"
	}
	return ""
}

// answers tells of single entries.
func (r *checkSummary) answers() []string {
	var out []string
	for _, e := range r.Entries {
		how := "is not determined"
		switch {
		case e.Observed:
			how = "is observed"
		case e.Determined == nil:
			how = "may be determined or not: the fit did not converge"
		case *e.Determined:
			how = "is determined"
		}
		if e.Residual != nil {
			how += fmt.Sprintf(" (an estimate, residual %.1g)", float64(*e.Residual))
		}
		out = append(out, fmt.Sprintf("Entry %v, %v %s.", e.Row, e.Col, how))
	}
	return out
}

// advice is what can be done.
func (r *checkSummary) advice() []string {
	var short, ways []string
	for _, k := range []struct {
		what  string
		lines []checkLine
	}{{"rows", r.LostRows}, {"columns", r.LostCols}} {
		need := 0
		for _, l := range k.lines {
			need += max(0, r.Rank-l.Entries)
		}
		if need > 0 {
			short = append(short, fmt.Sprintf("%s in these %s", counted(need, "entry", "entries"), k.what))
		}
	}
	if len(short) > 0 {
		ways = append(ways, "collect at least "+strings.Join(short, " and "))
	} else {
		ways = append(ways, "collect entries that connect what is apart")
	}
	if r.Block.Rows > 0 {
		ways = append(ways, fmt.Sprintf("keep to the block of %d×%d", r.Block.Rows, r.Block.Cols))
	}
	if r.Lower > 0 {
		ways = append(ways, fmt.Sprintf("lower the rank: at rank %d everything is determined", r.Lower))
	}
	out := []string{"What to do: " + strings.Join(ways, "; or ") + "."}
	if r.Lower == 0 && r.Rank > 1 {
		out = append(out, "At no lower rank is everything determined.")
	}
	return out
}

// mostNamed bounds how many lines are named.
const mostNamed = 8

// named lists lines, those with fewest entries first, the first few of many.
func named(lines []checkLine, counts bool) string {
	sorted := slices.Clone(lines)
	if counts {
		slices.SortStableFunc(sorted, func(a, b checkLine) int { return cmp.Compare(a.Entries, b.Entries) })
	}
	var out []string
	for k, l := range sorted {
		if k == mostNamed && len(sorted) > mostNamed+1 {
			out = append(out, fmt.Sprintf("and %d more", len(sorted)-k))
			break
		}
		text := l.String()
		if counts {
			text += " (" + counted(l.Entries, "entry", "entries") + ")"
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

// counted is a number with its noun.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func isAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}
