package show

import (
	"errors"
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
)

// Profile draws an objective g along a line through Center, to a second point
// or along a direction, beside its quadratic model there,
//
//	t ↦ g(Center + t·v)  and  g + t⟨∇g, v⟩ + ½t²⟨v, ∇²g v⟩
//
// so that along a direction of negative curvature one sees how far down the way
// leads that the certificate found.
//
//	show.Profile{Problem: p, Center: saddle, Along: c.Curvature.Direction,
//		Points: []show.LandscapePoint{{Name: "saddle", X: saddle, Certificate: c}}}.Figure()
//
// The step t is in units of the Frobenius norm over both factors, or of ‖To −
// Center‖. Where the problem has no Hessian products the model's curvature is a
// difference of gradients, and the text says so. Of a problem with majorisers,
// such as robust PCA, the one at Center is drawn too, [G] Def 5. It costs N
// evaluations of g, twice that with a majoriser.
type Profile struct {
	Title   string
	Problem lr.Problem
	Center  *lr.Factors
	To      *lr.Factors // a second point on the line, or
	Along   *lr.Factors // its direction

	Points []LandscapePoint // drawn where they project to

	X0, X1    float64 // ends of t; default around all points, or as far as g is below Center's on one side
	N         int     // points, 8 to 400; default 201
	KeepGauge bool    // see [Landscape]

	XLabel, YLabel string // default what they are, with the unit
}

const defaultProfile = 201

// Err returns what is wrong with l, or nil.
func (l Profile) Err() error {
	if err := l.slice().Err(); err != nil {
		return err
	}
	if l.To == nil && l.Along == nil {
		return errors.New("show: the Profile has neither To nor Along; one of them is its line")
	}
	return nil
}

// slice is the line as a slice.
func (l Profile) slice() Landscape {
	return Landscape{
		owner: "Profile", Problem: l.Problem, Center: l.Center, To: l.To, Along: l.Along, Points: l.Points,
		X0: l.X0, X1: l.X1, N: l.N, KeepGauge: l.KeepGauge,
	}
}

// Figure computes the profile and draws it.
func (l Profile) Figure() (f *Figure) {
	if err := l.Err(); err != nil {
		return failed(err)
	}
	defer func() { // the problem is a user's
		if r := recover(); r != nil {
			f = failed(fmt.Errorf("show: the problem of the Profile panicked: %v", r))
		}
	}()
	if l.N == 0 {
		l.N = defaultProfile
	}
	w := &profile{Profile: l}
	if err := w.compute(); err != nil {
		return failed(fmt.Errorf("show: the Profile: %w", err))
	}
	return w.figure()
}

// SimpleRender is how the profile shows in a notebook: as its figure.
func (l Profile) SimpleRender() map[string]interface{} { return l.Figure().Render().Data }

// String is the figure's text.
func (l Profile) String() string { return l.Figure().String() }

// profile is a [Profile] at work.
type profile struct {
	Profile
	s                       *slice
	t, value, above         []float64 // above: of the majoriser, or nil
	level, slope, curvature float64   // of the model
	differences             bool      // curvature is from gradients
}

func (w *profile) compute() error {
	land := w.slice()
	land.line = true
	var err error
	if w.s, err = newSlice(land); err != nil {
		return err
	}
	w.t = make([]float64, w.N)
	for k := range w.t {
		w.t[k] = w.s.grid.x(k)
	}
	if w.value, err = w.along(w.Problem); err != nil {
		return err
	}
	if lr.MajorisedOf(w.Problem) {
		g, err := lr.MajoriserOf(w.Problem, w.Center)
		if err != nil {
			return err
		}
		if w.above, err = w.along(g); err != nil {
			return err
		}
	}
	w.model()
	return nil
}

// along is a problem's values on the line.
func (w *profile) along(p lr.Problem) ([]float64, error) {
	values := make([]float64, w.N)
	err := evaluate(Context(), p, w.N, func(eval lr.Evaluator, x *lr.Factors, k int) {
		w.s.plane.point(x, w.t[k], 0)
		values[k] = finiteOrNaN(eval.Grad(nil, x))
	})
	if err == nil && !known(values) {
		err = errors.New("no value on the line is finite")
	}
	return values, err
}

// model finds the Taylor polynomial of second order at Center.
func (w *profile) model() {
	pl := w.s.plane
	grad, product := w.Center.Clone(), w.Center.Clone()
	if h, ok := lr.HessVecOf(w.Problem); ok {
		w.level = h.Grad(grad, w.Center)
		h.HessVec(product, w.Center, pl.e1)
		w.curvature = product.Dot(pl.e1) * pl.unit * pl.unit
		w.slope = grad.Dot(pl.e1) * pl.unit
		return
	}
	w.differences = true
	eval := w.Problem.NewEval()
	step := 1e-5 * math.Max(pl.origin.Norm(), (w.t[w.N-1]-w.t[0])*pl.unit)
	slope := func(t float64) float64 {
		x := w.Center.Clone()
		x.AddScaled(t, pl.e1)
		eval.Grad(product, x)
		return product.Dot(pl.e1)
	}
	w.curvature = (slope(step) - slope(-step)) / (2 * step) * pl.unit * pl.unit
	w.level = eval.Grad(grad, w.Center)
	w.slope = grad.Dot(pl.e1) * pl.unit
}

// figure draws what compute found.
func (w *profile) figure() *Figure {
	x, _ := w.s.axisLabels()
	p := newPlot(orDefault(w.Title, "Profile of the objective"), orDefault(w.XLabel, x), orDefault(w.YLabel, "g"))
	model := make([]float64, w.N)
	for k, t := range w.t {
		model[k] = w.level + w.slope*t + w.curvature*t*t/2
	}
	lines := []profileLine{{"g", w.value, ink, nil}, {"quadratic model", model, hex(0x9a6700), dashes[1]}}
	if w.above != nil {
		lines = append(lines, profileLine{"majoriser", w.above, hex(0x6a51a3), dashes[2]})
	}
	p.Add(gridLines{})
	info := panel{}
	marks := profileMarks{&sliceMarks{marks: w.s.marks}}
	for i, l := range lines {
		c := newCurve(Series{X: w.t, Y: l.y}, 0, 1, false, false)
		c.line.Color, c.line.Dashes, c.glyph.Radius = l.color, l.dashes, 0 // symbols are for points
		p.Add(c)
		info.entries = append(info.entries, entry{l.name, i, c})
		marks.lines = append(marks.lines, c.pieces...)
	}
	p.X.Min, p.X.Max = w.t[0], w.t[w.N-1]
	p.Y.Min, p.Y.Max = w.heights()
	p.Add(marks)
	var certs []*landscape.Certificate
	for _, m := range w.s.marks {
		certs = append(certs, m.Certificate)
	}
	info.entries = append(info.entries, verdictEntries(certs, false)...)
	info.lines = w.describe()
	return &Figure{Plots: []*plot.Plot{p}, panels: []panel{info}}
}

// profileLine is a curve in a profile, in a colour that is no verdict's.
type profileLine struct {
	name   string
	y      []float64
	color  color.Color
	dashes []vg.Length
}

// heights is the range of g and of the points, with some room; the model and
// the majoriser may leave it.
func (w *profile) heights() (lo, hi float64) {
	values := plotter.XYs{}
	for _, v := range w.value {
		if !math.IsNaN(v) {
			values = append(values, plotter.XY{Y: v})
		}
	}
	for _, m := range w.s.marks {
		values = append(values, plotter.XY{Y: m.below})
	}
	_, _, lo, hi = plotter.XYRange(values)
	room := math.Max(0.1*(hi-lo), 1e-9*math.Max(math.Abs(hi), math.SmallestNonzeroFloat64))
	return lo - room, hi + room
}

func (w *profile) describe() []string {
	least := 0
	for k, v := range w.value {
		if v < w.value[least] || math.IsNaN(w.value[least]) {
			least = k
		}
	}
	how := ""
	if w.differences {
		how = " (by a difference of gradients)"
	}
	lines := []string{
		fmt.Sprintf("  %s along a line, step %s to %s in units of %s, Frobenius norm over both factors", problemName(w.Problem),
			formatNumber(w.t[0], 3), formatNumber(w.t[w.N-1], 3), formatNumber(w.s.plane.unit, 4)),
		fmt.Sprintf("  at 0: g = %s, slope %s, curvature %s%s; lowest on the line %s at %s", formatNumber(w.level, 4), formatNumber(w.slope, 3),
			formatNumber(w.curvature, 4), how, formatNumber(w.value[least], 4), formatNumber(w.t[least], 3)),
	}
	if w.above != nil {
		lines = append(lines, "  with the majoriser at 0, which is nowhere below g")
	}
	return append(lines, w.s.pointLines("line")...)
}

// profileMarks draws points of interest at their height.
type profileMarks struct{ *sliceMarks }

// Plot implements plot.Plotter.
func (v profileMarks) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	v.drawAt(c, x, y, func(m sliceMark) float64 { return m.below })
}
