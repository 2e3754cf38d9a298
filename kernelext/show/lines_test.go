package show

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	lr "github.com/lowrankgo/lowrank/lowrankgo"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

func TestLinesErrors(t *testing.T) {
	nine := make([]Series, 9)
	for _, c := range []struct {
		says  string
		lines Lines
	}{
		{"needs a Series", Lines{}},
		{"9 series; at most 8", Lines{Series: nine}},
		{`series 1 "a" has no points`, Lines{Series: []Series{{Name: "a"}}}},
		{`series 2 "b" has 1 values of X and 2 of Y`, Lines{Series: []Series{{Y: []float64{1}}, {Name: "b", X: []float64{1}, Y: []float64{1, 2}}}}},
		{"no series of \"T\" has a point", Lines{Title: "T", Series: []Series{{Y: []float64{0, -1, math.NaN(), math.Inf(1)}}}}},
		{"trace of series \"x\" is nil", Lines{Series: []Series{Loss("x", nil)}}},
		{"has no column \"los\"", Lines{Series: []Series{Column("x", &lr.Trace{}, "iter", "los")}}},
	} {
		if err := c.lines.Figure().Err(); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v does not say %q", err, c.says)
		}
		if text := Render(c.lines).MIME[TextMIME].(string); !strings.Contains(text, c.says) {
			t.Errorf("the cell shows %q, not %q", text, c.says)
		}
	}
}

// TestBreaks: a curve is broken where it has no value, and says how many
// points it left out.
func TestBreaks(t *testing.T) {
	y := []float64{1, 2, math.NaN(), 3, 0, -1, 4, 5, math.Inf(1)}
	log := newCurve(Series{Name: "s", Y: y}, 0, 1, false, true)
	if len(log.pieces) != 3 || log.points != 5 {
		t.Errorf("logarithmic: %d pieces of %d points, want 3 of 5", len(log.pieces), log.points)
	}
	if want := "s: 1 at 0, 5 at 7, 5 points (4 left out)"; log.summary != want {
		t.Errorf("summary %q, want %q", log.summary, want)
	}
	linear := newCurve(Series{Y: y}, 0, 1, false, false)
	if len(linear.pieces) != 2 || linear.points != 7 {
		t.Errorf("linear: %d pieces of %d points, want 2 of 7", len(linear.pieces), linear.points)
	}
	if d := Render(Lines{Series: []Series{{Y: y}}}); d.MIME[SVGMIME] == nil {
		t.Error("the broken curve does not show")
	}
}

// TestThin: a long series gets short and keeps its ends and extremes.
func TestThin(t *testing.T) {
	var points plotter.XYs
	for k := range 100_000 {
		points = append(points, plotter.XY{X: float64(k), Y: 2 + math.Sin(float64(k)/40)})
	}
	points[54321].Y, points[777].Y = 99, -99
	got := thin(points, false)
	if len(got) > 4*thinBins || len(got) < thinBins {
		t.Errorf("%d points left", len(got))
	}
	if got[0] != points[0] || got[len(got)-1] != points[len(points)-1] {
		t.Error("an end was lost")
	}
	if !slices.Contains(got, points[54321]) || !slices.Contains(got, points[777]) {
		t.Error("an extreme was lost")
	}
	if !slices.IsSortedFunc(got, func(a, b plotter.XY) int { return int(a.X - b.X) }) {
		t.Error("the points are out of order")
	}
	if short := points[:500]; len(thin(short, false)) != 500 {
		t.Error("a short series was thinned")
	}
}

// TestStraighten: what is left out is within the tolerance of what is drawn.
func TestStraighten(t *testing.T) {
	var line []vg.Point
	for k := range 800 {
		x := float64(k) / 4
		line = append(line, vg.Point{X: vg.Length(x), Y: vg.Length(40 * math.Sin(x/25))})
	}
	got := straighten(line)
	if len(got) > 120 {
		t.Errorf("%d of %d points left", len(got), len(line))
	}
	for _, p := range line {
		nearest := math.Inf(1)
		for i := range len(got) - 1 {
			nearest = math.Min(nearest, away(p, got[i], got[i+1]))
		}
		if nearest > 0.0501 {
			t.Fatalf("point %v is %v away from the line", p, nearest)
		}
	}
	if got := straighten([]vg.Point{{X: 0, Y: 0}, {X: 1, Y: 1}, {X: 2, Y: 2}, {X: 1, Y: 1}}); len(got) != 3 {
		t.Errorf("a line that turns back was cut: %v", got)
	}
}

func TestWiden(t *testing.T) {
	for _, c := range []struct {
		lo, hi         float64
		log            bool
		wantLo, wantHi float64
	}{
		{3e-21, 4e3, true, 1e-21, 1e4},
		{1, 1, true, math.Pow(10, -0.5), math.Pow(10, 0.5)},
		{0, 10, false, -0.4, 10.4},
		{5, 5, false, 4.5, 5.5},
		{0, 0, false, -0.5, 0.5},
	} {
		a := plot.Axis{Min: c.lo, Max: c.hi}
		widen(&a, c.log, 0.04)
		if math.Abs(a.Min/c.wantLo-1) > 1e-12 || math.Abs(a.Max/c.wantHi-1) > 1e-12 {
			t.Errorf("[%v, %v] log %v widens to [%v, %v], want [%v, %v]", c.lo, c.hi, c.log, a.Min, a.Max, c.wantLo, c.wantHi)
		}
	}
}

// trace is a run of n rows whose loss falls; truth says whether it is known.
func trace(method, problem string, n int, truth bool) *lr.Trace {
	t := &lr.Trace{Method: method, Problem: problem, D1: 4, D2: 5, Rank: 2}
	for k := range n {
		v := math.Exp(-float64(k))
		row := lr.Row{Iter: 10 * k, Loss: v, GradNorm: 3 * v, RelErr: math.NaN(), SqErr: math.NaN(), Step: 0.1, Elapsed: time.Duration(k) * time.Second}
		if truth {
			row.RelErr, row.SqErr = v/2, v*v
		}
		row.Residual = math.NaN()
		t.Rows = append(t.Rows, row)
	}
	return t
}

// splitTrace is a run of a method that knows its residual, but neither loss nor
// gradient.
func splitTrace(method, problem string, n int, truth bool) *lr.Trace {
	t := trace(method, problem, n, truth)
	for k := range t.Rows {
		r := &t.Rows[k]
		r.Residual, r.Loss, r.GradNorm = r.Loss/4, math.NaN(), math.NaN()
	}
	return t
}

func TestCurves(t *testing.T) {
	for _, c := range []struct {
		name   string
		f      *Figure
		panels int
		has    []string
		hasNot string
	}{
		{"one, truth known", Curves(trace("GD", "P", 9, true)), 1, []string{"loss: 1 at 0", "gradient norm: 3", "relative error: 0.5", "at 80"}, "run 1"},
		{"one, truth unknown", Curves(trace("GD", "P", 9, false)), 1, []string{"loss", "gradient norm"}, "relative"},
		{"two methods", Curves(trace("GD", "P", 9, true), trace("ALS", "P", 9, true)), 2, []string{"GD: ", "ALS: ", "Squared error"}, "run"},
		{"two problems", Curves(trace("GD", "P", 9, false), trace("GD", "Q", 9, false)), 1, []string{"P: ", "Q: "}, "Squared"},
		{"twice the same", Curves(trace("GD", "P", 9, false), trace("GD", "P", 9, false)), 1, []string{"run 1: ", "run 2: "}, "P: "},
		{"one without loss", Curves(splitTrace("AltProj", "P", 9, true)), 1, []string{"relative error: 0.5", "residual: 0.25 at 0"}, "loss"},
		{"one without loss, truth unknown", Curves(splitTrace("AltProj", "P", 9, false)), 1, []string{"residual: 0.25 at 0"}, "relative"},
		{"two without loss", Curves(splitTrace("AltProj", "P", 9, false), splitTrace("IRCUR", "P", 9, false)), 1,
			[]string{"Residual\n", "‖M + S − Data‖ / ‖Data‖", "AltProj: 0.25 at 0", "IRCUR: 0.25 at 0"}, "loss"},
		{"two without loss, truth known", Curves(splitTrace("AltProj", "P", 9, true), splitTrace("IRCUR", "P", 9, true)), 2,
			[]string{"AltProj: 0.25", "Squared error", "AltProj: 1 at 0"}, "loss"},
		{"one of two without loss", Curves(splitTrace("AltProj", "P", 9, false), trace("GD", "P", 9, false)), 2,
			[]string{"Loss\n", "GD: 1 at 0", "GD: no point", "Residual\n", "AltProj: 0.25 at 0", "AltProj: no point"}, "Squared"},
		{"one of two without loss, residuals known", Curves(splitTrace("AltProj", "P", 9, false), residualToo(trace("GD", "P", 9, false))), 1,
			[]string{"Residual\n", "AltProj: 0.25 at 0", "GD: 0.5 at 0"}, "loss"},
		{"losses and residuals known", Curves(residualToo(trace("GD", "P", 9, false)), residualToo(trace("ALS", "P", 9, false))), 1,
			[]string{"Loss\n", "GD: 1 at 0"}, "Residual"},
		{"truth known to one", Curves(trace("GD", "P", 9, true), trace("ALS", "P", 9, false)), 1, []string{"GD"}, "Squared"},
	} {
		if err := c.f.Err(); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		text := c.f.String()
		if len(c.f.Plots) != c.panels {
			t.Errorf("%s: %d panels, want %d", c.name, len(c.f.Plots), c.panels)
		}
		for _, s := range c.has {
			if !strings.Contains(text, s) {
				t.Errorf("%s: lacks %q in\n%s", c.name, s, text)
			}
		}
		if strings.Contains(text, c.hasNot) {
			t.Errorf("%s: has %q in\n%s", c.name, c.hasNot, text)
		}
	}
}

// residualToo adds residuals to a trace that has losses.
func residualToo(t *lr.Trace) *lr.Trace {
	for k := range t.Rows {
		t.Rows[k].Residual = t.Rows[k].Loss / 2
	}
	return t
}

// TestCurvesStyles: a run has one style in all panels, and one entry in the
// legend, also where a panel does not show it.
func TestCurvesStyles(t *testing.T) {
	f := Curves(splitTrace("AltProj", "P", 9, true), trace("GD", "P", 9, true), splitTrace("IRCUR", "P", 9, true))
	if len(f.Plots) != 3 {
		t.Fatalf("%d panels: %v", len(f.Plots), f.Err())
	}
	keys := map[string]int{}
	for _, e := range f.legend() {
		if other, twice := keys[e.name]; twice {
			t.Errorf("%s has the styles %d and %d", e.name, other, e.key)
		}
		keys[e.name] = e.key
	}
	if len(keys) != 3 || keys["AltProj"] != 0 || keys["GD"] != 1 || keys["IRCUR"] != 2 {
		t.Errorf("the styles are %v", keys)
	}
}

func TestCurvesErrors(t *testing.T) {
	for says, f := range map[string]*Figure{
		"needs a trace":             Curves(),
		"trace 2 of 2 is nil":       Curves(trace("GD", "P", 3, false), nil),
		"trace 1 of 1 has no rows":  Curves(&lr.Trace{}),
		"9 series; at most 8":       Curves(slices.Repeat([]*lr.Trace{trace("GD", "P", 3, false)}, 9)...),
		"no series of \"GD\" has a": Curves(&lr.Trace{Method: "GD", Rows: []lr.Row{{Loss: math.NaN(), GradNorm: math.NaN(), RelErr: math.NaN(), Residual: math.NaN()}}}),
		"panel 1 of 2: show: no s":  Curves(zeroResidual("A"), zeroResidual("B")),
	} {
		if err := f.Err(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v does not say %q", err, says)
		}
	}
}

// zeroResidual is a run that was at the solution from the start.
func zeroResidual(method string) *lr.Trace {
	n := math.NaN()
	return &lr.Trace{Method: method, Rows: []lr.Row{{Loss: n, GradNorm: n, RelErr: 0, SqErr: 0, Residual: 0}}}
}

func TestSeriesOfTrace(t *testing.T) {
	tr := trace("GD", "P", 3, true)
	for name, c := range map[string]struct {
		s     Series
		first float64
	}{
		"loss": {Loss("n", tr), 1}, "gradient": {GradNorm("n", tr), 3}, "relative": {RelErr("n", tr), 0.5}, "squared": {SqErr("n", tr), 1},
		"residual": {Residual("n", splitTrace("AltProj", "P", 3, true)), 0.25},
	} {
		if c.s.err != nil || len(c.s.X) != 3 || c.s.X[2] != 20 || c.s.Y[0] != c.first {
			t.Errorf("%s: %+v", name, c.s)
		}
	}
	if s := Column("n", tr, "seconds", "loss"); s.X[2] != 2 {
		t.Errorf("seconds: %v", s.X)
	}
}

func TestRenderTrace(t *testing.T) {
	tr := trace("GD", "P", 9, true)
	d := Render(tr)
	if d.MIME[TextMIME] != tr.String() || d.MIME[SVGMIME] != Curves(tr).SVG() {
		t.Error("a trace does not show as its curves with its summary")
	}
	empty := &lr.Trace{}
	if d := Render(empty); d.MIME[TextMIME] != empty.String() || d.MIME[SVGMIME] != nil {
		t.Errorf("an empty trace shows %v", d.MIME)
	}
}
