package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/lowrankgo/lowrank/datasets"
	"github.com/lowrankgo/lowrank/kernelext/notebook"
	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/spf13/cobra"
)

// rpcaReport is summary.json, and the one JSON document of "lowrank rpca
// --json". Where there is no result it has the error and nothing else.
type rpcaReport struct {
	Version int    `json:"version"` // of this format
	Err     string `json:"error,omitempty"`

	*rpcaSummary
}

type rpcaSummary struct {
	Input    rpcaInput     `json:"input"`
	Estimate *rpcaEstimate `json:"estimate,omitempty"`

	Problem    string  `json:"problem"`
	Method     string  `json:"method"`
	Rank       int     `json:"rank"`
	Alpha      float64 `json:"alpha"`
	Gamma      float64 `json:"gamma"`
	Cap        number  `json:"cap"` // null: none
	Seed       uint64  `json:"seed"`
	Tolerance  float64 `json:"tolerance"`
	Status     string  `json:"status"`
	Converged  bool    `json:"converged"`
	Iterations int     `json:"iterations"`
	Seconds    float64 `json:"seconds"`       // in the method
	Total      float64 `json:"total_seconds"` // of the command

	Residual   number   `json:"residual"` // ‖L+S−Data‖F/‖Data‖F over the observed entries
	RankOfL    int      `json:"rank_of_result"`
	SingularOf []number `json:"singular_values"`

	Sparse rpcaSparse `json:"sparse"`
	Mask   rpcaMask   `json:"mask"`
	Greys  *rpcaGreys `json:"greys,omitempty"`
	Files  []string   `json:"files"`
	By     identity   `json:"program"`
}

type rpcaInput struct {
	Path     string   `json:"path"`
	Name     string   `json:"name"`
	Format   string   `json:"format"`
	Notes    []string `json:"notes"`
	Rows     int      `json:"rows"`
	Cols     int      `json:"cols"`
	Observed int      `json:"observed"`
	Height   int      `json:"frame_height,omitempty"`
	Width    int      `json:"frame_width,omitempty"`
}

// rpcaEstimate is what was estimated, and how.
type rpcaEstimate struct {
	Rank     bool     `json:"rank"` // whether it was estimated
	Alpha    bool     `json:"alpha"`
	FitRank  int      `json:"fit_rank"` // of the fit that the estimates are from
	FitAlpha number   `json:"fit_alpha"`
	Noise    number   `json:"noise"`
	Sure     bool     `json:"sure"`
	Reasons  []string `json:"reasons"`
	Rule     []string `json:"rule"`
}

// rpcaSparse describes S.
type rpcaSparse struct {
	Entries  int    `json:"entries"`
	Share    number `json:"share"`       // of the observed entries
	Row      number `json:"most_in_row"` // share of a row, the fullest
	Col      number `json:"most_in_column"`
	Overfull number `json:"overfull"` // share of rows and columns that would need a larger alpha
}

type rpcaMask struct {
	Threshold number `json:"threshold"`
	Noise     number `json:"noise"` // 1.4826 times the median of |data − L|
	Rule      string `json:"rule"`  // what the threshold is
	Entries   int    `json:"entries"`
	Share     number `json:"share"`
	Rows      int    `json:"rows_over_alpha"` // with more entries in the mask than alpha allows
	Cols      int    `json:"columns_over_alpha"`
}

// rpcaGreys are the values of the data that are shown black and white.
type rpcaGreys struct {
	Black number `json:"black"`
	White number `json:"white"`
}

// number is a float64 that is null in JSON when it is not finite.
type number float64

func (n number) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(n)) || math.IsInf(float64(n), 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// write makes every file of the result. The summary comes last and names the
// files that are there.
func (s *separation) write(ctx context.Context, p lr.Problem, res *lr.Result) error {
	sparse, err := res.Sparse()
	if err != nil {
		return err
	}
	x := &parts{y: s.y, l: res.X, s: sparse}
	if err := s.describe(p, res, x); err != nil {
		return err
	}
	rows, cols := make([]int32, 0, sparse.NNZ()), sparse.Col
	for i := range sparse.D1 {
		for range sparse.RowFrom[i+1] - sparse.RowFrom[i] {
			rows = append(rows, int32(i))
		}
	}
	r := &s.report
	r.Files = []string{"factors.npz", "sparse.npz"}
	err = errors.Join(
		datasets.SaveNpz(s.path("factors.npz"), datasets.NamedArray{Name: "U", Data: res.X.U}, datasets.NamedArray{Name: "V", Data: res.X.Right()}),
		datasets.SaveNpz(s.path("sparse.npz"), datasets.NamedArray{Name: "row", Data: rows}, datasets.NamedArray{Name: "col", Data: cols}, datasets.NamedArray{Name: "value", Data: sparse.Value}),
	)
	if err == nil && s.frames() > 0 {
		err = s.writeFilms(ctx, x)
	}
	r.Files = append(r.Files, "summary.json")
	r.Total = time.Since(s.begin).Seconds()
	var b bytes.Buffer
	if e := writeJSON(&b, &rpcaReport{Version: 1, Err: s.failure, rpcaSummary: r}); e != nil {
		return errors.Join(err, e)
	}
	return errors.Join(err, notebook.WriteFile(s.path("summary.json"), b.Bytes()))
}

// describe fills in what the summary says of the result.
func (s *separation) describe(p lr.Problem, res *lr.Result, x *parts) error {
	r, t := &s.report, x.sums()
	split, _ := lr.SplitOf(p)
	r.Input.Observed = t.observed
	r.Problem, r.Method, r.Status, r.Converged = res.Trace.Problem, res.Trace.Method, res.Status.String(), res.Status.Converged()
	r.Rank, r.Seed, r.Tolerance, r.Iterations, r.Seconds = s.rank, s.seed, s.tolerance, res.Iter, res.Trace.Last().Elapsed.Seconds()
	r.Alpha, r.Gamma, r.Cap = split.Set.Alpha, split.Set.Filled().Gamma, number(split.Set.Filled().Cap)
	r.Residual, r.By = number(t.residual()), newIdentity()
	sigma, err := singularValues(res.X)
	if err != nil {
		return err
	}
	r.RankOfL = numericalRank(sigma)
	for _, v := range sigma {
		r.SingularOf = append(r.SingularOf, number(v))
	}
	r.Sparse = rpcaSparse{Entries: x.s.NNZ(), Share: share(x.s.NNZ(), t.observed)}
	inRow, inCol := x.s.Counts()
	for _, n := range inRow {
		r.Sparse.Row = max(r.Sparse.Row, share(n, x.s.D2))
	}
	for _, n := range inCol {
		r.Sparse.Col = max(r.Sparse.Col, share(n, x.s.D1))
	}
	if e, ok := lr.SparsePartOf(p); ok {
		r.Sparse.Overfull = number(e.Overfull(res.X))
	}
	s.describeMask(x, t, split.Set)
	return nil
}

// describeMask chooses the threshold of the mask.
func (s *separation) describeMask(x *parts, t sums, set lr.SparseSet) {
	noise, size := x.noise()
	threshold, rule := deviations*noise, fmt.Sprintf("%d times the noise", deviations)
	if dust := 1e-6 * size; threshold < dust {
		threshold, rule = dust, "1e-6 of the median magnitude of the data"
	}
	if s.frames() > 0 {
		black, white := greyRange(t.lo, t.hi)
		s.report.Greys = &rpcaGreys{number(black), number(white)}
		if least := (white - black) / 10; threshold < least {
			threshold, rule = least, "a tenth of the range from black to white"
		}
	}
	if s.thresholdGiven {
		threshold, rule = s.threshold, "given"
	}
	n := x.beyond(threshold)
	rows, cols := x.over(set, threshold)
	s.report.Mask = rpcaMask{Threshold: number(threshold), Rule: rule, Noise: number(noise), Entries: n, Share: share(n, t.observed), Rows: rows, Cols: cols}
}

func share(n, of int) number { return number(float64(n) / float64(of)) }

// writeFilms writes background, foreground and mask.
func (s *separation) writeFilms(ctx context.Context, x *parts) error {
	g := s.report.Greys
	for _, pic := range x.pictures(float64(g.Black), float64(g.White), float64(s.report.Mask.Threshold)) {
		film, err := s.data.Film(pic.x)
		if err != nil {
			return err
		}
		film.Rate = s.rate
		name := pic.name + ".mp4"
		if s.asVideo() {
			err = film.WriteVideo(ctx, s.path(name))
		} else {
			name = pic.name + "/"
			err = s.writeImages(ctx, film, pic.name)
		}
		if err != nil {
			return err
		}
		s.report.Files = append(s.report.Files, name)
	}
	return nil
}

func (s *separation) asVideo() bool { return s.video || !s.images && s.data.Format == "video" }

// writeImages writes to a folder, out of which frames of an earlier run go.
func (s *separation) writeImages(ctx context.Context, film *datasets.Film, name string) error {
	dir := s.path(name)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	old, err := filepath.Glob(filepath.Join(globbed(dir), "frame_[0-9]*.png"))
	if err != nil {
		return err
	}
	for _, file := range old {
		if err := os.Remove(file); err != nil {
			return err
		}
	}
	_, err = film.WriteImages(ctx, dir)
	return err
}

// globbed makes a path match itself.
func globbed(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// conclude prints the summary and what the user should know of how it ended.
func (s *separation) conclude(cmd *cobra.Command, status lr.Status, ended error) error {
	report := &rpcaReport{Version: 1, Err: s.failure, rpcaSummary: &s.report}
	stderr := cmd.ErrOrStderr()
	switch {
	case status == lr.Canceled:
		fmt.Fprintf(stderr, "lowrank: interrupted; what was done is in %s\n", s.out)
	case ended != nil:
		fmt.Fprintf(stderr, "lowrank: %v; the last finite point is in %s\n", ended, s.out)
	case advice(status) != "":
		fmt.Fprintf(stderr, "lowrank: %v: %s\n", status, advice(status))
	}
	write := writeRPCA
	if s.asJSON {
		write = func(w io.Writer, r *rpcaReport, _ string) error { return writeJSON(w, r) }
	}
	if err := write(cmd.OutOrStdout(), report, s.out); err != nil {
		return reported{fmt.Errorf("standard output: %w", err)}
	}
	if ended != nil {
		return reported{ended}
	}
	return nil
}

// advice is what a status means for the user, "" when there is nothing to say.
func advice(s lr.Status) string {
	switch s {
	case lr.SparseFull:
		return "S has as many entries as alpha allows in many rows or columns, and more stand out: try a larger --alpha, or a larger --rank"
	case lr.Stalled:
		return "it no longer comes closer: what is left is noise, or not low rank plus sparse"
	case lr.IterationLimit:
		return "it had not converged; --max-iter allows more steps"
	case lr.TimeLimit:
		return "it had not converged; --time allows more"
	}
	return ""
}

// writeRPCA prints a summary for people: a word, two spaces or more, its value.
func writeRPCA(w io.Writer, report *rpcaReport, out string) error {
	r := report.rpcaSummary
	var b strings.Builder
	line := func(what, format string, args ...any) {
		fmt.Fprintf(&b, "%-10s  %s\n", what, fmt.Sprintf(format, args...))
	}
	shape := fmt.Sprintf("%d×%d", r.Input.Rows, r.Input.Cols)
	if r.Input.Height > 0 {
		shape += fmt.Sprintf(", frames of %d×%d pixels", r.Input.Height, r.Input.Width)
	}
	if missing := r.Input.Rows*r.Input.Cols - r.Input.Observed; missing > 0 {
		shape += fmt.Sprintf(", %s missing", percent(float64(missing)/float64(r.Input.Rows*r.Input.Cols)))
	}
	line("input", "%s: %s", r.Input.Name, shape)
	line("method", "%s", r.Method)
	line("rank", "%d%s", r.Rank, given(r.Estimate != nil && r.Estimate.Rank))
	line("alpha", "%.4g%s", r.Alpha, given(r.Estimate != nil && r.Estimate.Alpha))
	line("status", "%s after %d steps, %.2f s", r.Status, r.Iterations, r.Seconds)
	line("residual", "%.3g of the data's norm", r.Residual)
	line("L", "singular values %s", values(r.SingularOf))
	line("S", "%s of the entries; at most %s of a row, %s of a column", percent(float64(r.Sparse.Share)), percent(float64(r.Sparse.Row)), percent(float64(r.Sparse.Col)))
	line("mask", "%s of the entries, beyond %.4g (%s)", percent(float64(r.Mask.Share)), r.Mask.Threshold, r.Mask.Rule)
	if r.Mask.Rows+r.Mask.Cols > 0 {
		line("", "more than alpha allows in %d rows and %d columns: where it is far more, L may be wrong", r.Mask.Rows, r.Mask.Cols)
	}
	line("written", "%s: %s", out, strings.Join(r.Files, " "))
	_, err := io.WriteString(w, b.String())
	return err
}

func given(estimated bool) string {
	if estimated {
		return " (estimated)"
	}
	return ""
}

// values prints the first few numbers.
func values(x []number) string {
	var out []string
	for k, v := range x {
		if k == 6 {
			out = append(out, "…")
			break
		}
		out = append(out, fmt.Sprintf("%.4g", v))
	}
	return strings.Join(out, ", ")
}
