package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/lowrankgo/lowrank/datasets"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
)

// checkReport is the one JSON document of "lowrank check --json". Where there is
// no answer it has the error and nothing else.
type checkReport struct {
	Version int    `json:"version"` // of this format
	Err     string `json:"error,omitempty"`

	*checkSummary
}

type checkSummary struct {
	Name     string   `json:"name"`
	Format   string   `json:"format"`
	Notes    []string `json:"notes"`
	Rows     int      `json:"rows"`
	Cols     int      `json:"cols"`
	Observed int      `json:"observed"`
	Rank     int      `json:"rank"`
	Freedom  int      `json:"degrees_of_freedom"`
	Jacobian int      `json:"jacobian_rank"` // of a part that is estimated, at most this
	Missing  int      `json:"missing"`       // entries that are needed in addition, at least

	Determined *bool   `json:"determined"` // everything; null when it is not known
	Proven     bool    `json:"proven"`     // exact, up to Failure when it is no
	Failure    float64 `json:"failure_probability"`

	LostRows []checkLine  `json:"rows_lost"` // none of their missing entries is determined
	LostCols []checkLine  `json:"columns_lost"`
	Parts    []checkPart  `json:"parts"` // what is left, connected by entries
	Block    checkBlock   `json:"determined_block"`
	Open     int          `json:"entries_open"` // not determined, or not known to be
	Lower    int          `json:"rank_determined,omitempty"`
	Entries  []checkEntry `json:"entries"`

	perRow, perCol countsReport
	data           *datasets.Data
}

// checkLine is a row or a column.
type checkLine struct {
	Index   int    `json:"index"`
	Name    string `json:"name,omitempty"`
	Entries int    `json:"entries"`
}

type checkPart struct {
	Rows       int            `json:"rows"`
	Cols       int            `json:"cols"`
	Observed   int            `json:"observed"`
	Determined *bool          `json:"determined"`
	Missing    int            `json:"missing"`
	Estimate   *checkEstimate `json:"estimate,omitempty"`
}

type checkEstimate struct {
	Singular  number `json:"smallest_singular_value"`
	Sine2     number `json:"sine_squared"`
	Residual  number `json:"residual"`
	Failure   number `json:"failure_probability"`
	Converged bool   `json:"converged"`
}

// checkBlock is the largest block found in which everything is determined.
type checkBlock struct {
	Rows int         `json:"rows"`
	Cols int         `json:"cols"`
	Less []checkLine `json:"other_rows"` // of the part it is in, neither in it nor lost
	More []checkLine `json:"other_columns"`
}

type checkEntry struct {
	Row        checkLine `json:"row"`
	Col        checkLine `json:"column"`
	Observed   bool      `json:"observed"`
	Determined *bool     `json:"determined"`
	Proven     bool      `json:"proven"`
	Residual   *number   `json:"residual,omitempty"`
}

// decided is nil for what is not known.
func decided(a landscape.Answer) *bool {
	if a == landscape.Unknown {
		return nil
	}
	yes := a == landscape.Yes
	return &yes
}

// describe fills in the report.
func (c *check) describe(ctx context.Context, places []asked) error {
	f, d := c.found, c.data
	s, err := d.Summary(c.rank)
	if err != nil {
		return err
	}
	r := &c.report
	*r = checkSummary{
		Name: d.Name, Format: d.Format, Notes: append([]string{}, d.Notes...),
		Rows: f.D1, Cols: f.D2, Observed: f.Observed, Rank: f.R, Freedom: f.Freedom, Jacobian: f.Rank, Missing: f.Missing,
		Determined: decided(f.Completable), Proven: f.Proven, Failure: f.Failure,
		LostRows: c.rows(f.PeeledRows), LostCols: c.cols(f.PeeledCols), Parts: []checkPart{}, Entries: []checkEntry{},
		Open: f.Open().Total, data: d,
		perRow: countsReport{s.RowCounts.Min, s.RowCounts.Median, s.RowCounts.Max, s.RowCounts.Empty},
		perCol: countsReport{s.ColCounts.Min, s.ColCounts.Median, s.ColCounts.Max, s.ColCounts.Empty},
	}
	for _, b := range f.Blocks {
		p := checkPart{Rows: len(b.Rows), Cols: len(b.Cols), Observed: b.Observed, Determined: decided(b.Completable), Missing: b.Missing}
		if e := b.Estimate; e != nil {
			p.Estimate = &checkEstimate{number(e.Singular), number(e.Sine2), number(e.Residual), number(e.Failure), e.Converged}
		}
		r.Parts = append(r.Parts, p)
	}
	r.Block = c.block()
	if err := c.decide(ctx, places); err != nil {
		return err
	}
	if f.Completable != landscape.Yes {
		r.Lower, err = c.lower(ctx)
	}
	return err
}

// block is the largest determined block, and what is beside it in its part.
func (c *check) block() checkBlock {
	rows, cols := c.found.Determined()
	b := checkBlock{Rows: len(rows), Cols: len(cols), Less: []checkLine{}, More: []checkLine{}}
	for _, k := range c.found.Blocks {
		if len(rows) == 0 || !slices.Contains(k.Rows, rows[0]) {
			continue
		}
		b.Less, b.More = c.rows(without(k.Rows, rows)), c.cols(without(k.Cols, cols))
	}
	return b
}

// without is what of all is not in some; both ascend.
func without(all, some []int) []int {
	var out []int
	for _, v := range all {
		if _, in := slices.BinarySearch(some, v); !in {
			out = append(out, v)
		}
	}
	return out
}

func (c *check) rows(list []int) []checkLine {
	return listLines(list, c.data.RowNames, c.mask.RowCounts())
}
func (c *check) cols(list []int) []checkLine {
	return listLines(list, c.data.ColNames, c.mask.ColCounts())
}

func listLines(list []int, names []string, counts []int) []checkLine {
	out := []checkLine{}
	for _, i := range list {
		l := checkLine{Index: i, Entries: counts[i]}
		if names != nil {
			l.Name = names[i]
		}
		out = append(out, l)
	}
	return out
}

// decide answers for the entries that were asked for.
func (c *check) decide(ctx context.Context, places []asked) error {
	p := c.mask.Pattern()
	for _, e := range places {
		a, err := c.found.Entry(ctx, e.row, e.col)
		if err != nil {
			return err
		}
		_, seen := slices.BinarySearch(p.Col[p.RowFrom[e.row]:p.RowFrom[e.row+1]], int32(e.col))
		out := checkEntry{Row: c.rows([]int{e.row})[0], Col: c.cols([]int{e.col})[0], Observed: seen, Determined: decided(a.Determined), Proven: a.Proven}
		if !a.Proven {
			res := number(a.Residual)
			out.Residual = &res
		}
		c.report.Entries = append(c.report.Entries, out)
	}
	return nil
}

// writeCheck prints a report for people.
func writeCheck(w io.Writer, report *checkReport) error {
	r := report.checkSummary
	var b strings.Builder
	line := func(what, format string, args ...any) {
		fmt.Fprintf(&b, "%-10s  %s\n", what, fmt.Sprintf(format, args...))
	}
	line("name", "%s", r.Name)
	line("shape", "%d×%d, %d entries observed (%s)", r.Rows, r.Cols, r.Observed, percent(float64(r.Observed)/float64(r.Rows)/float64(r.Cols)))
	line("rank", "%d: %d degrees of freedom, %.2f entries for each", r.Rank, r.Freedom, float64(r.Observed)/float64(r.Freedom))
	line("per row", "%s", r.perRow)
	line("per column", "%s", r.perCol)
	b.WriteString("\n")
	for _, s := range r.sentences() {
		b.WriteString(s + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// String names a row or a column: by its name, or its number.
func (l checkLine) String() string {
	if l.Name != "" {
		return strconv.Quote(l.Name)
	}
	return strconv.Itoa(l.Index)
}
