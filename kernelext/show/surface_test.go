package show

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/plot/plotter"
)

// twoWells is Example I.1: two minimisers and a saddle between them.
func twoWells() Surface {
	return Surface{
		Title: "g\u0303", XLabel: "u", YLabel: "v", ZLabel: "g\u0303", X0: -2, X1: 2, Y0: -2, Y1: 2,
		F: func(u, v float64) float64 {
			d := u*u - v*v
			return (1-u*v)*(1-u*v)/2 + d*d/64
		},
		Marks: []Mark{
			{X: 1, Y: 1, Kind: Minimiser, Label: "(1, 1)"}, {X: -1, Y: -1, Kind: Minimiser, Label: "(−1, −1)"}, {Kind: Saddle},
		},
	}
}

func TestSurfaceErrors(t *testing.T) {
	flat := func(x, y float64) float64 { return 1 }
	for _, c := range []struct {
		says string
		s    Surface
	}{
		{"has no F", Surface{X1: 1, Y1: 1}},
		{"X0, X1 = 1, 1", Surface{F: flat, X0: 1, X1: 1, Y1: 1}},
		{"Y0, Y1 = 0, NaN", Surface{F: flat, X1: 1, Y1: math.NaN()}},
		{"X0, X1 = 0, +Inf", Surface{F: flat, X1: math.Inf(1), Y1: 1}},
		{"N = 3; 8 to 400", Surface{F: flat, X1: 1, Y1: 1, N: 3}},
		{"mark 1 of the Surface is at (2, 0), outside of [0, 1]×[0, 1]", Surface{F: flat, X1: 1, Y1: 1, Marks: []Mark{{X: 2}}}},
		{"no finite value", Surface{F: func(x, y float64) float64 { return math.NaN() }, X1: 1, Y1: 1}},
		{"F of the Surface panicked: boom", Surface{F: func(x, y float64) float64 { panic("boom") }, X1: 1, Y1: 1}},
	} {
		if text := Render(c.s).MIME[TextMIME].(string); !strings.Contains(text, c.says) {
			t.Errorf("%q does not say %q", text, c.says)
		}
	}
}

// TestSurfaceCalls: F may be slow, so it is called once per point and mark,
// however often the figure is drawn.
func TestSurfaceCalls(t *testing.T) {
	s, calls := twoWells(), 0
	f := s.F
	s.F = func(x, y float64) float64 { calls++; return f(x, y) }
	fig := s.Figure()
	fig.SVG()
	fig.PNG()
	if want := defaultGrid*defaultGrid + 3; calls != want {
		t.Errorf("F was called %d times, want %d", calls, want)
	}
}

func TestSurfaceText(t *testing.T) {
	got := twoWells().String()
	for _, want := range []string{"surface and contours of g\u0303 over u in [-2, 2]", "minimiser at (-1, -1), g\u0303 = 0", "saddle at (0, 0), g\u0303 = 0.5"} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q:\n%s", want, got)
		}
	}
	svg := twoWells().Figure().SVG()
	for _, want := range []string{">minimiser<", ">saddle<", ">level of the saddle<", ">(1, 1)<"} {
		if strings.Count(svg, want) != 1 {
			t.Errorf("%s is there %d times", want, strings.Count(svg, want))
		}
	}
}

// TestSurfaceOdd draws what has holes, is flat, is cut, or is large.
func TestSurfaceOdd(t *testing.T) {
	for name, s := range map[string]Surface{
		"holes":      {F: func(x, y float64) float64 { return math.Log(x * y) }, X0: -1, X1: 1, Y0: -1, Y1: 1},
		"pole":       {F: func(x, y float64) float64 { return 1 / (x*x + y*y) }, X0: -1, X1: 1, Y0: -1, Y1: 1, Top: 9},
		"flat":       {F: func(x, y float64) float64 { return 3 }, X1: 1, Y1: 1, Marks: []Mark{{Kind: Saddle}}},
		"huge":       {F: func(x, y float64) float64 { return 1e200 * x }, X1: 1, Y1: 1},
		"small grid": {F: func(x, y float64) float64 { return x }, X1: 1, Y1: 1, N: 8},
		"other mark": {F: func(x, y float64) float64 { return x }, X1: 1, Y1: 1, Marks: []Mark{{X: 1, Label: "end"}, {Kind: Maximiser, X: 1, Y: 1}}},
	} {
		if d := Render(s); d.MIME[SVGMIME] == nil {
			t.Errorf("%s: %v", name, d.MIME[TextMIME])
		}
	}
	cut := Surface{F: func(x, y float64) float64 { return 1 / (x*x + y*y) }, X0: -1, X1: 1, Y0: -1, Y1: 1, Top: 9}
	cut.N = 61
	if g := cut.sample(); g.hi != 9 {
		t.Errorf("cut at 9, greatest value %v", g.hi)
	}
}

// gridOf samples a function on [−2, 2]².
func gridOf(n int, f func(x, y float64) float64) *grid2 {
	return Surface{F: f, X0: -2, X1: 2, Y0: -2, Y1: 2, N: n}.sample()
}

// TestIsolinesCircle: the level of a cone is one closed circle.
func TestIsolinesCircle(t *testing.T) {
	g := gridOf(81, math.Hypot)
	lines := g.level(1.5)
	if len(lines) != 1 || lines[0][0] != lines[0][len(lines[0])-1] {
		t.Fatalf("%d lines, want one that is closed", len(lines))
	}
	length := 0.0
	for i, p := range lines[0] {
		if math.Abs(math.Hypot(p.X, p.Y)-1.5) > 1e-3 {
			t.Errorf("point %v is not on the circle", p)
		}
		if i > 0 {
			length += math.Hypot(p.X-lines[0][i-1].X, p.Y-lines[0][i-1].Y)
		}
	}
	if math.Abs(length-3*math.Pi) > 0.01 {
		t.Errorf("the circle is %v long, want %v", length, 3*math.Pi)
	}
}

// TestIsolinesSaddle: at a saddle the level's lines do not cross, and no point
// is lost where the function equals the level on the grid.
func TestIsolinesSaddle(t *testing.T) {
	g := gridOf(41, func(x, y float64) float64 { return x * y })
	for _, z := range []float64{0, 0.5, -0.5} {
		total := 0
		for _, line := range g.level(z) {
			total += len(line)
			for _, p := range line {
				if math.Abs(p.X*p.Y-z) > 2e-3 {
					t.Errorf("level %v: point %v has %v", z, p, p.X*p.Y)
				}
			}
		}
		if total < 60 {
			t.Errorf("level %v has %d points only", z, total)
		}
	}
	if lines := g.level(99); len(lines) != 0 {
		t.Errorf("a level outside of the values has %d lines", len(lines))
	}
}

// TestIsolinesOpen: a line that leaves the grid is open and runs from side to
// side; next to a hole it stops.
func TestIsolinesOpen(t *testing.T) {
	g := gridOf(21, func(x, y float64) float64 { return x })
	lines := g.level(0.1)
	if len(lines) != 1 || len(lines[0]) != 21 {
		t.Fatalf("%d lines", len(lines))
	}
	ends := plotter.XYs{lines[0][0], lines[0][20]}
	if math.Abs(ends[0].Y-ends[1].Y) != 4 || math.Abs(ends[0].X-0.1) > 1e-12 {
		t.Errorf("the line runs from %v to %v", ends[0], ends[1])
	}
	g.z[10*g.n+10] = math.NaN()
	if lines := g.level(0.1); len(lines) != 2 {
		t.Errorf("%d lines beside a hole, want 2", len(lines))
	}
}

// TestLevels: the bands ascend from the least to the greatest value and are
// filled evenly enough to be seen.
func TestLevels(t *testing.T) {
	for name, f := range map[string]func(x, y float64) float64{
		"wells":  twoWells().F,
		"plane":  func(x, y float64) float64 { return x + y },
		"peak":   func(x, y float64) float64 { return math.Exp(-3 * (x*x + y*y)) },
		"valley": func(x, y float64) float64 { return math.Pow(x, 8) },
	} {
		g := gridOf(41, f)
		l := newLevels(g, nil)
		if l.edges[0] != g.lo || math.Abs(l.edges[bands]-g.hi) > 1e-12*(g.hi-g.lo) {
			t.Errorf("%s: edges from %v to %v, values from %v to %v", name, l.edges[0], l.edges[bands], g.lo, g.hi)
		}
		for k := range bands {
			if l.edges[k] >= l.edges[k+1] {
				t.Errorf("%s: edge %d is not below the next", name, k)
			}
			if mid := (l.edges[k] + l.edges[k+1]) / 2; l.band(mid) != k {
				t.Errorf("%s: %v is in band %d, want %d", name, mid, l.band(mid), k)
			}
		}
		if l.band(g.lo) != 0 || l.band(g.hi) != bands-1 {
			t.Errorf("%s: the ends are in bands %d and %d", name, l.band(g.lo), l.band(g.hi))
		}
	}
}

func TestShortLabel(t *testing.T) {
	for _, c := range []struct {
		v    float64
		want string
	}{{0, "0"}, {1e-15, "0"}, {12.5, "12.5"}, {0.0832, "0.083"}, {-3.27, "−3.3"}, {0.00052, "5.2×10⁻⁴"}, {123456, "1.2×10⁵"}} {
		if got := shortLabel(c.v, 10); got != c.want {
			t.Errorf("%v: %q, want %q", c.v, got, c.want)
		}
	}
}
