package show

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"

	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
)

// Verdicts draws how a run converges, coloured by what certificates at some of
// its steps say: far from any critical point, in the region of a saddle, in the
// basin of an optimum. Below, on an axis that is linear around 0 and
// logarithmic beyond, are the smallest Hessian eigenvalue found, as a part of the
// largest, with its residual to both sides, and the relative gradient norm.
//
//	for run.Next(show.Context()) {
//		if k := run.Row().Iter; k%50 == 0 {
//			c, err := landscape.Certify(show.Context(), p, run.Point(), nil)
//			…
//			points = append(points, show.Certified{Iter: k, Certificate: c})
//		}
//	}
//	show.Verdicts{Curve: show.Loss("loss", run.Trace()), Points: points}.Figure()
//
// Between two steps with the same verdict the curve has the verdict's colour
// and dashes; where the verdict changes in between, and outside of all
// certificates, it is grey and dotted, since nothing was certified there. A full
// symbol is a proven verdict, a hollow one an estimate. What counts as a large
// gradient is [landscape.Options].Theta, which the default of Certify sets so low
// that a run is far until it has nearly stopped: for a picture of how it passes a
// saddle, certify with a larger one.
type Verdicts struct {
	Title  string
	Curve  Series      // over iterations, such as [Loss], [GradNorm] or [RelErr] of a trace
	Points []Certified // in any order
	XLabel string      // default "iteration"
	YLabel string      // of the curve; default its name, or "loss"
}

// Certified is a step of a run and what its point is.
type Certified struct {
	Iter        int // as in the X of the curve
	Certificate *landscape.Certificate
}

// Err returns what is wrong with v, or nil.
func (v Verdicts) Err() error {
	if err := checkSeries("Verdicts", []Series{v.Curve}); err != nil {
		return err
	}
	if len(v.Points) == 0 {
		return errors.New("show: Verdicts needs certified steps; none were given")
	}
	last := math.Inf(-1)
	for k := range v.Curve.Y {
		x := at(v.Curve, k)
		if !(x > last) || math.IsInf(x, 0) {
			return fmt.Errorf("show: the curve of Verdicts has %v at place %d after %v; iterations must be finite and grow", x, k, last)
		}
		last = x
	}
	first := at(v.Curve, 0)
	for i, q := range v.Points {
		switch {
		case q.Certificate == nil:
			return fmt.Errorf("show: certified step %d of %d, iteration %d, has no Certificate", i+1, len(v.Points), q.Iter)
		case float64(q.Iter) < first || float64(q.Iter) > last:
			return fmt.Errorf("show: certified step %d of %d is at iteration %d; the curve has iterations %s to %s", i+1, len(v.Points), q.Iter,
				formatNumber(first, 7), formatNumber(last, 7))
		}
	}
	return nil
}

// at is the k-th x of a series.
func at(s Series, k int) float64 {
	if len(s.X) == 0 {
		return float64(k)
	}
	return s.X[k]
}

// Figure draws both panels.
func (v Verdicts) Figure() *Figure {
	if err := v.Err(); err != nil {
		return failed(err)
	}
	v.XLabel = orDefault(v.XLabel, "iteration")
	v.YLabel = orDefault(orDefault(v.YLabel, v.Curve.Name), "loss")
	v.Points = slices.Clone(v.Points)
	slices.SortStableFunc(v.Points, func(a, b Certified) int { return a.Iter - b.Iter })
	curve := newVerdictCurve(v.Curve, v.Points)
	if curve.drawn == 0 {
		return failed(fmt.Errorf("show: no point of the curve of Verdicts can be drawn; %s", positive(true)))
	}
	certs := make([]*landscape.Certificate, len(v.Points))
	for i, q := range v.Points {
		certs[i] = q.Certificate
	}
	upper, lower := v.upper(curve), v.lower()
	info := panel{aspect: 0.44, entries: verdictEntries(certs, true), lines: v.describe()}
	if curve.uncertain {
		info.entries = append(info.entries, entry{"nothing certified", -21, uncertainLine{}})
	}
	return &Figure{
		Plots: []*plot.Plot{upper, lower.plot}, stacked: true,
		panels: []panel{info, {aspect: 0.44, entries: lower.entries(), lines: lower.lines}},
	}
}

// SimpleRender is how the curve shows in a notebook: as its figure.
func (v Verdicts) SimpleRender() map[string]interface{} { return v.Figure().Render().Data }

// String is the figure's text.
func (v Verdicts) String() string { return v.Figure().String() }

// upper is the panel of the curve.
func (v Verdicts) upper(curve *verdictCurve) *plot.Plot {
	p := newPlot(orDefault(v.Title, "Convergence by verdict"), "", v.YLabel)
	p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, logTicks{}
	p.Add(gridLines{}, curve)
	widen(&p.Y, true, 0.04)
	v.setX(p)
	return p
}

// setX gives both panels the same iterations.
func (v Verdicts) setX(p *plot.Plot) {
	first, last := at(v.Curve, 0), at(v.Curve, len(v.Curve.Y)-1)
	room := 0.02 * (last - first)
	if room == 0 {
		room = 0.5
	}
	p.X.Min, p.X.Max = first-room, last+room
}

// describe says which verdicts the run met, stretch by stretch.
func (v Verdicts) describe() []string {
	var lines []string
	for i := 0; i < len(v.Points); {
		j := i
		for j+1 < len(v.Points) && v.Points[j+1].Certificate.Verdict == v.Points[i].Certificate.Verdict {
			j++
		}
		proven := 0
		for _, q := range v.Points[i : j+1] {
			if q.Certificate.Rigorous {
				proven++
			}
		}
		steps := fmt.Sprintf("iterations %d to %d", v.Points[i].Iter, v.Points[j].Iter)
		if i == j {
			steps = fmt.Sprintf("iteration %d", v.Points[i].Iter)
		}
		lines = append(lines, fmt.Sprintf("  %s: %s (%d of %d proven)", steps, styleOf(v.Points[i].Certificate).name, proven, j+1-i))
		i = j + 1
	}
	return lines
}

// verdictCurve is a curve in pieces of one style each, with the certified steps
// on it.
type verdictCurve struct {
	pieces    []verdictPiece
	marks     plotter.XYs
	symbols   []verdictMark
	drawn     int
	uncertain bool // some piece has no verdict
}

type verdictPiece struct {
	style pointStyle
	line  plotter.XYs
}

// newVerdictCurve cuts the curve into pieces. Points that cannot stand on a
// logarithmic axis break it.
func newVerdictCurve(s Series, points []Certified) *verdictCurve {
	c := &verdictCurve{}
	for k, y := range s.Y {
		if !drawable(y, true) {
			continue
		}
		c.drawn++
		here := plotter.XY{X: at(s, k), Y: y}
		if k+1 < len(s.Y) && drawable(s.Y[k+1], true) {
			c.join(between(points, here.X, at(s, k+1)), here, plotter.XY{X: at(s, k+1), Y: s.Y[k+1]})
		}
	}
	for i := range c.pieces {
		c.pieces[i].line = thin(c.pieces[i].line, false)
	}
	for _, q := range points {
		if y, ok := valueAt(s, float64(q.Iter)); ok {
			c.marks = append(c.marks, plotter.XY{X: float64(q.Iter), Y: y})
			c.symbols = append(c.symbols, markOf(q.Certificate))
		}
	}
	return c
}

// join adds a stretch, to the last piece if that ends there in the same style.
func (c *verdictCurve) join(style pointStyle, from, to plotter.XY) {
	c.uncertain = c.uncertain || style.name == uncertified.name
	if n := len(c.pieces); n > 0 {
		last := &c.pieces[n-1]
		if last.style.name == style.name && last.line[len(last.line)-1] == from {
			last.line = append(last.line, to)
			return
		}
	}
	c.pieces = append(c.pieces, verdictPiece{style, plotter.XYs{from, to}})
}

// between is the style of the stretch from x0 to x1: that of the verdict that
// the certificates around and inside it agree on, if they do. The points are in
// order.
func between(points []Certified, x0, x1 float64) pointStyle {
	before, after := -1, -1
	for i, q := range points {
		if float64(q.Iter) <= x0 {
			before = i
		}
		if after < 0 && float64(q.Iter) >= x1 {
			after = i
		}
	}
	if before < 0 || after < 0 {
		return uncertified
	}
	for _, q := range points[before : after+1] {
		if q.Certificate.Verdict != points[before].Certificate.Verdict {
			return uncertified
		}
	}
	return styleOf(points[before].Certificate)
}

// valueAt is the curve's value at x, between two points in the logarithm.
func valueAt(s Series, x float64) (float64, bool) {
	n := len(s.Y)
	k := sort.Search(n, func(k int) bool { return at(s, k) >= x })
	switch {
	case k == n || k == 0 && at(s, 0) > x:
		return 0, false
	case at(s, k) == x:
		return s.Y[k], drawable(s.Y[k], true)
	}
	a, b := s.Y[k-1], s.Y[k]
	if !drawable(a, true) || !drawable(b, true) {
		return 0, false
	}
	t := (x - at(s, k-1)) / (at(s, k) - at(s, k-1))
	return math.Exp((1-t)*math.Log(a) + t*math.Log(b)), true
}
