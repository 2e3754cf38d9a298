package show

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/plot"
)

// Surface draws a function of two variables as a surface seen from above and,
// beside it, as filled contours. Both have the same colours.
//
//	show.Surface{
//		Title: "g(u,v) = ½(1−uv)²", XLabel: "u", YLabel: "v", X0: -2, X1: 2, Y0: -2, Y1: 2,
//		F:     func(u, v float64) float64 { return (1 - u*v) * (1 - u*v) / 2 },
//		Marks: []show.Mark{{X: 1, Y: 1, Kind: show.Minimiser}, {X: -1, Y: -1, Kind: show.Minimiser}, {Kind: show.Saddle}},
//	}.Figure()
//
// F is called once at every point of an N×N grid and once at every mark.
// Where it is not finite nothing is drawn. The contours are closer where most
// values of F are, and the level of every saddle is drawn as a dark line.
type Surface struct {
	Title  string
	XLabel string // default "x"
	YLabel string // default "y"
	ZLabel string // default "f"
	X0, X1 float64
	Y0, Y1 float64
	N      int     // points along each axis, 8 to 400; default 61
	Top    float64 // values above it are cut to it; default no limit
	F      func(x, y float64) float64
	Marks  []Mark
}

// Mark is a point of interest in a [Surface].
type Mark struct {
	X, Y  float64
	Label string // beside the point in the contours; may be empty
	Kind  string // [Minimiser], [Saddle], [Maximiser] or another word for the legend; default "point"
}

// Kinds of marks that have a symbol of their own.
const (
	Minimiser = "minimiser"
	Saddle    = "saddle"
	Maximiser = "maximiser"
)

const defaultGrid = 61

// Err returns what is wrong with s, or nil.
func (s Surface) Err() error {
	finite := func(a, b float64) bool { return a < b && !math.IsInf(b-a, 0) }
	switch {
	case s.F == nil:
		return errors.New("show: the Surface has no F")
	case !finite(s.X0, s.X1) || !finite(s.Y0, s.Y1):
		return fmt.Errorf("show: the Surface has X0, X1 = %v, %v and Y0, Y1 = %v, %v; finite numbers with X0 < X1 and Y0 < Y1 are accepted",
			s.X0, s.X1, s.Y0, s.Y1)
	case s.N != 0 && (s.N < 8 || s.N > 400):
		return fmt.Errorf("show: the Surface has N = %d; 8 to 400 are accepted, or 0 for %d", s.N, defaultGrid)
	}
	for i, m := range s.Marks {
		if m.X < s.X0 || m.X > s.X1 || m.Y < s.Y0 || m.Y > s.Y1 || math.IsNaN(m.X+m.Y) {
			return fmt.Errorf("show: mark %d of the Surface is at (%v, %v), outside of [%v, %v]×[%v, %v]", i+1, m.X, m.Y, s.X0, s.X1, s.Y0, s.Y1)
		}
	}
	return nil
}

// Figure draws the surface and its contours.
func (s Surface) Figure() (f *Figure) {
	if err := s.Err(); err != nil {
		return failed(err)
	}
	defer func() { // F is a user's
		if r := recover(); r != nil {
			f = failed(fmt.Errorf("show: F of the Surface panicked: %v", r))
		}
	}()
	s.XLabel, s.YLabel, s.ZLabel = orDefault(s.XLabel, "x"), orDefault(s.YLabel, "y"), orDefault(s.ZLabel, "f")
	if s.N == 0 {
		s.N = defaultGrid
	}
	g := s.sample()
	if !(g.lo <= g.hi) {
		return failed(fmt.Errorf("show: the Surface %q has no finite value on its grid", s.Title))
	}
	marks := s.markPoints(g)
	levels := newLevels(g, marks)

	solid := newPlot("", "", "")
	solid.HideAxes()
	solid.X.Min, solid.X.Max, solid.Y.Min, solid.Y.Max = 0, 1, 0, 1
	solid.Add(&solidView{grid: g, levels: levels, marks: marks, x: s.XLabel, y: s.YLabel, z: s.ZLabel})

	flat := newPlot("", s.XLabel, s.YLabel)
	flat.X.Min, flat.X.Max, flat.Y.Min, flat.Y.Max = s.X0, s.X1, s.Y0, s.Y1
	flat.Add(&contours{grid: g, levels: levels, marks: marks})

	info := panel{aspect: 1, silent: true, bar: levels.bar(s.ZLabel), entries: markEntries(marks)}
	return &Figure{
		Title:  s.Title,
		Plots:  []*plot.Plot{solid, flat},
		panels: []panel{{aspect: 1, free: true, silent: true, lines: s.describe(g, marks)}, info},
	}
}

// SimpleRender is how the surface shows in a notebook: as its figure.
func (s Surface) SimpleRender() map[string]interface{} { return s.Figure().Render().Data }

// String is the figure's text.
func (s Surface) String() string { return s.Figure().String() }

// describe says in words what the figure shows.
func (s Surface) describe(g *grid2, marks []markPoint) []string {
	lines := []string{fmt.Sprintf("  surface and contours of %s over %s in [%v, %v], %s in [%v, %v]; values %s to %s", s.ZLabel,
		s.XLabel, s.X0, s.X1, s.YLabel, s.Y0, s.Y1, formatNumber(g.lo, 4), formatNumber(g.hi, 4))}
	for _, m := range marks {
		lines = append(lines, fmt.Sprintf("  %s at (%s, %s), %s = %s", m.Kind,
			formatNumber(m.X, 6), formatNumber(m.Y, 6), s.ZLabel, formatNumber(m.z, 4)))
	}
	return lines
}

// grid2 is a function's values on an even grid.
type grid2 struct {
	n              int
	x0, x1, y0, y1 float64
	z              []float64 // z[j*n+i] at the i-th x and j-th y; NaN where not finite
	lo, hi         float64
}

func (g *grid2) x(i int) float64     { return g.x0 + (g.x1-g.x0)*float64(i)/float64(g.n-1) }
func (g *grid2) y(j int) float64     { return g.y0 + (g.y1-g.y0)*float64(j)/float64(g.n-1) }
func (g *grid2) at(i, j int) float64 { return g.z[j*g.n+i] }
func (g *grid2) height(z float64) float64 {
	return (z - g.lo) / math.Max(g.hi-g.lo, math.SmallestNonzeroFloat64)
}

func (s Surface) sample() *grid2 {
	g := &grid2{n: s.N, x0: s.X0, x1: s.X1, y0: s.Y0, y1: s.Y1, lo: math.Inf(1), hi: math.Inf(-1)}
	g.z = make([]float64, g.n*g.n)
	for j := range g.n {
		for i := range g.n {
			z := s.F(g.x(i), g.y(j))
			if math.IsInf(z, 0) {
				z = math.NaN()
			}
			if s.Top != 0 && z > s.Top {
				z = s.Top
			}
			g.z[j*g.n+i] = z
			if !math.IsNaN(z) {
				g.lo, g.hi = math.Min(g.lo, z), math.Max(g.hi, z)
			}
		}
	}
	return g
}

// markPoint is a mark at its height.
type markPoint struct {
	Mark
	z float64
}

func (s Surface) markPoints(g *grid2) []markPoint {
	var out []markPoint
	for _, m := range s.Marks {
		m.Kind = orDefault(m.Kind, "point")
		z := s.F(m.X, m.Y)
		if s.Top != 0 && z > s.Top {
			z = s.Top
		}
		out = append(out, markPoint{m, z})
	}
	return out
}
