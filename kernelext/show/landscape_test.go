package show

import (
	"context"
	"errors"
	"math"
	"runtime"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
)

// uneven is a problem whose value changes along the gauge: ½‖U‖² + U₀₀.
func uneven() lr.Funcs {
	return lr.Funcs{Name: "uneven", D1: 5, Rank: 2, Sym: true, GradFunc: func(dst, x *lr.Factors) float64 {
		if dst != nil {
			dst.CopyFrom(x)
			dst.U.Set(0, 0, dst.U.At(0, 0)+1)
		}
		return x.Dot(x)/2 + x.U.At(0, 0)
	}}
}

func TestLandscapeErrors(t *testing.T) {
	p, saddle, end := valley(t)
	nan := saddle.Clone()
	nan.U.Set(0, 0, math.NaN())
	boom := uneven()
	boom.GradFunc = func(dst, x *lr.Factors) float64 { panic("boom") }
	hole := uneven()
	hole.GradFunc = func(dst, x *lr.Factors) float64 { return math.NaN() }
	wide := lr.NewSymmetric(5, 3)
	zero := lr.NewSymmetric(5, 2)
	for _, c := range []struct {
		says string
		l    Landscape
	}{
		{"there is no problem", Landscape{Center: saddle}},
		{"has no Center", Landscape{Problem: p}},
		{"Center of the Landscape: lowrankgo: the point has U 5×3", Landscape{Problem: p, Center: wide}},
		{"To of the Landscape: lowrankgo: the point has NaN", Landscape{Problem: p, Center: saddle, To: nan}},
		{`point 2 of 2, "b", of the Landscape`, Landscape{Problem: p, Center: saddle, Points: []LandscapePoint{{"a", end, nil}, {"b", wide, nil}}}},
		{`point 1 of 1, "", of the Landscape: lowrankgo: the point has no U`, Landscape{Problem: p, Center: saddle, Points: []LandscapePoint{{}}}},
		{"point 1 of 1 of Path of the Landscape", Landscape{Problem: p, Center: saddle, Path: []*lr.Factors{wide}}},
		{"both To and Along", Landscape{Problem: p, Center: saddle, To: end, Along: end}},
		{"both Third and Across", Landscape{Problem: p, Center: saddle, Third: end, Across: end}},
		{"N = 7; 8 to 400", Landscape{Problem: p, Center: saddle, N: 7}},
		{"X0, X1 = 1, 0", Landscape{Problem: p, Center: saddle, X0: 1}},
		{"Y0, Y1 = 0, NaN", Landscape{Problem: p, Center: saddle, Y1: math.NaN()}},
		{"17 Points; at most 16", Landscape{Problem: p, Center: saddle, Points: make([]LandscapePoint, 17)}},
		{"9 Levels; at most 8", Landscape{Problem: p, Center: saddle, Levels: make([]float64, 9)}},
		{"the first direction is 0 (axes To and random", Landscape{Problem: p, Center: saddle, To: saddle}},
		{"the second direction is 0 (axes Along and Across)", Landscape{Problem: p, Center: saddle, Along: end, Across: zero}},
		{"the second direction lies along the first", Landscape{Problem: p, Center: saddle, Along: end, Across: end}},
		{"the problem of the Landscape panicked: boom", Landscape{Problem: boom, Center: zero, Along: end}},
		{"the Landscape: no value on the slice is finite", Landscape{Problem: hole, Center: zero, Along: end}},
	} {
		for i := range c.l.Points {
			if c.l.Points[i].X == nil && len(c.l.Points) == 17 {
				c.l.Points[i].X = end
			}
		}
		f := c.l.Figure()
		if err := f.Err(); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v does not say %q", err, c.says)
		}
		if d := Render(c.l); d.MIME[HTMLMIME] == nil || d.MIME[SVGMIME] != nil {
			t.Errorf("%s: the error does not show", c.says)
		}
	}
}

// TestLandscapeErrorsWrap: a program can tell what kind of error it is.
func TestLandscapeErrorsWrap(t *testing.T) {
	p, saddle, _ := valley(t)
	if err := (Landscape{Problem: p, Center: lr.NewSymmetric(4, 2)}).Err(); !errors.Is(err, lr.ErrShape) {
		t.Errorf("%v is no ErrShape", err)
	}
	if err := (Landscape{Center: saddle}).Err(); !errors.Is(err, lr.ErrEmpty) {
		t.Errorf("%v is no ErrEmpty", err)
	}
}

// TestLandscapeStops: pressing Stop ends it.
func TestLandscapeStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer SetHost(SetHost(&recordingHost{ctx: ctx}))
	p, calls := uneven(), 0
	grad := p.GradFunc
	p.GradFunc = func(dst, x *lr.Factors) float64 {
		if calls++; calls == 100 {
			cancel()
		}
		return grad(dst, x)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	_, saddle, end := valley(t)
	err := (Landscape{Problem: p, Center: saddle, Along: end, X0: -1, X1: 1, Y0: -1, Y1: 1}).Figure().Err()
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "the Landscape: stopped") {
		t.Errorf("the error is %v", err)
	}
	if calls > 101 {
		t.Errorf("%d evaluations, the context ended at the 100th", calls)
	}
}

// TestLandscapeThreads: the same picture for any number of threads.
func TestLandscapeThreads(t *testing.T) {
	var first string
	for _, procs := range []int{1, 2, 7} {
		old := runtime.GOMAXPROCS(procs)
		l, _, _, _ := escape(t)
		svg := l.Figure().SVG()
		runtime.GOMAXPROCS(old)
		if first == "" {
			first = svg
		}
		if svg != first {
			t.Errorf("GOMAXPROCS %d draws another picture", procs)
		}
	}
}

// TestLandscapeGrid: the values are those of the objective at the points of the
// plane, computed entry by entry.
func TestLandscapeGrid(t *testing.T) {
	p, saddle, end := valley(t)
	across := lr.NewSymmetric(5, 2)
	across.U.Set(4, 1, 3)
	across.U.Set(0, 0, 1)
	s, err := newSlice(Landscape{Problem: p, Center: saddle, To: end, Across: across, X0: -1, X1: 2, Y0: -3, Y1: 1, N: 9, KeepGauge: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.plane.sample(context.Background(), p, s.grid); err != nil {
		t.Fatal(err)
	}
	diag := []float64{4, 2, 1, 0.5, 0.1}
	// e1 and e2, written out: to − center, and across without its part along it.
	var e1, e2 [5][2]float64
	length, inner, rest := 0.0, 0.0, 0.0
	for i := range 5 {
		for k := range 2 {
			e1[i][k] = end.U.At(i, k) - saddle.U.At(i, k)
			length += e1[i][k] * e1[i][k]
			inner += e1[i][k] * across.U.At(i, k)
		}
	}
	for i := range 5 {
		for k := range 2 {
			e2[i][k] = across.U.At(i, k) - inner/length*e1[i][k]
			rest += e2[i][k] * e2[i][k]
		}
	}
	scale := math.Sqrt(length / rest) // both axes have the unit ‖To − Center‖
	for j := range 9 {
		for i := range 9 {
			a, b := -1+3*float64(i)/8, -3+4*float64(j)/8
			value := 0.0
			for r := range 5 {
				for c := range 5 {
					m := 0.0
					for k := range 2 {
						m += (saddle.U.At(r, k) + a*e1[r][k] + b*scale*e2[r][k]) * (saddle.U.At(c, k) + a*e1[c][k] + b*scale*e2[c][k])
					}
					if r == c {
						m -= diag[r]
					}
					value += m * m / 2
				}
			}
			if got := s.grid.at(i, j); math.Abs(got-value) > 1e-10*(1+value) {
				t.Fatalf("at (%v, %v): %v, want %v", a, b, got, value)
			}
		}
	}
}

// TestLandscapeCalls: one evaluation for each point of the grid, and a few.
func TestLandscapeCalls(t *testing.T) {
	_, saddle, end := valley(t)
	p, calls := uneven(), 0
	grad := p.GradFunc
	p.GradFunc = func(dst, x *lr.Factors) float64 { calls++; return grad(dst, x) }
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	f := Landscape{Problem: p, Center: saddle, To: end, N: 20, KeepGauge: true, Points: []LandscapePoint{{"end", end, nil}}}.Figure()
	f.SVG()
	f.PNG()
	if calls != 20*20+2 {
		t.Errorf("%d evaluations, want %d", calls, 20*20+2)
	}
}

// TestLandscapeText: the text says what the slice is and where the points are.
func TestLandscapeText(t *testing.T) {
	l, _, _, _ := escape(t)
	l.Points = append(l.Points, LandscapePoint{Name: "origin", X: lr.NewSymmetric(5, 2)})
	got := l.String()
	for _, want := range []string{
		"Away from a saddle\n  x: saddle (0) to end (1), distance 2.24; y: random direction (seed 1), same unit",
		"slice of g of Factorisation", "61×61 values", "unit 2.236 in the Frobenius norm",
		"saddle at (0, 0), in the plane; g = 8.13; saddle region: negative curvature, proven; gradient norm 0.001, smallest eigenvalue found -6 ± 0.001",
		"end at (1, 0), in the plane; g = 0.63; basin: near the optimum, proven",
		"off the plane (28 % of its distance from the centre); g = 4.407, 4.829 at its projection; far: large gradient, estimated",
		"origin at (", "; not certified", "path of 301 points, at most 0.355 off the plane", "turned along the gauge",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q:\n%s", want, got)
		}
	}
	svg := l.Figure().SVG()
	for _, want := range []string{">path, projected<", ">basin: near the optimum<", ">hollow: estimated, not proven<", ">level of the saddle<", ">step 30 (0.34 off)<", ">not certified<", ">end<"} {
		if strings.Count(svg, want) != 1 {
			t.Errorf("%s is there %d times", want, strings.Count(svg, want))
		}
	}
}

// TestLandscapeOutside: a point outside of the picture is not drawn, and the
// text says so.
func TestLandscapeOutside(t *testing.T) {
	l, _, _, _ := escape(t)
	l.X0, l.X1, l.Y0, l.Y1 = -0.2, 0.2, -0.1, 0.1
	f := l.Figure()
	if text := f.String(); !strings.Contains(text, "end at (1, 0), in the plane; g = 0.63; outside of the picture") {
		t.Errorf("the text does not say that the end is outside:\n%s", text)
	}
	if strings.Contains(f.SVG(), ">end<") {
		t.Error("a name outside of the picture is drawn")
	}
}

// TestLandscapeAxes: what the axes are called.
func TestLandscapeAxes(t *testing.T) {
	p, saddle, end := valley(t)
	c := certify(t, p, saddle)
	named := []LandscapePoint{{"saddle", saddle, c}}
	for _, k := range []struct {
		says string
		l    Landscape
	}{
		{"x: step along curvature −6 at saddle, unit 1; y: random direction (seed 0), same unit", Landscape{Along: c.Curvature.Direction, Points: named}},
		{"x: step along a direction, unit 1; y: along curvature −6 at saddle, same unit", Landscape{Along: end, Across: c.Curvature.Direction, Points: named}},
		{"x: step along a direction, unit 1; y: along a second direction, same unit", Landscape{Along: end, Across: c.Curvature.Direction}},
		{"x: step along random direction (seed 4); y: towards Third, same unit", Landscape{Third: end, Seed: 4}},
		{"x: Center (0) to To (1), distance 2.24", Landscape{To: end}},
		{"x: mine; y: yours", Landscape{To: end, XLabel: "mine", YLabel: "yours"}},
	} {
		k.l.Problem, k.l.Center, k.l.N = p, saddle, 8
		if text := k.l.String(); !strings.Contains(text, k.says) {
			t.Errorf("lacks %q:\n%s", k.says, text)
		}
	}
}

// TestLandscapeProblems draws slices of every kind of problem.
func TestLandscapeProblems(t *testing.T) {
	completion := must[*problem.Quadratic](t)(problem.RandomCompletion{D1: 12, D2: 9, Rank: 2, P: 0.6, Seed: 1}.New())
	sensing := must[*problem.Quadratic](t)(problem.GaussianSensing{D1: 7, D2: 6, Rank: 2, M: 80, Seed: 2}.New())
	robust := must[*problem.Split](t)(problem.RandomRobustPCA{D1: 10, D2: 10, Rank: 2, Alpha: 0.1, Seed: 3}.New())
	counter := must[*problem.CounterexampleProblem](t)(problem.Counterexample{Epsilon: 0.3}.New())
	balanced := must[*problem.Regularised](t)(problem.Balance{Of: completion, Mu: 0.5}.New())
	for name, p := range map[string]lr.Problem{"completion": completion, "sensing": sensing, "robust PCA": robust, "counterexample": counter, "balanced": balanced} {
		truth, ok := lr.TruthOf(p)
		if !ok {
			t.Fatalf("%s: no truth", name)
		}
		origin := lr.NewPoint(p)
		c := certify(t, p, origin)
		points := []LandscapePoint{{"origin", origin, c}, {"truth", truth, certify(t, p, truth)}}
		for what, f := range map[string]*Figure{
			"through two points": Landscape{Problem: p, Center: origin, To: truth, Points: points, N: 21}.Figure(),
			"along curvature":    Landscape{Problem: p, Center: origin, Along: c.Curvature.Direction, Points: points, N: 21}.Figure(),
			"profile":            Profile{Problem: p, Center: origin, Along: c.Curvature.Direction, Points: points, N: 31}.Figure(),
			"spectrum":           Spectrum{Problem: p, Points: points}.Figure(),
		} {
			if err := f.Err(); err != nil {
				t.Errorf("%s, %s: %v", name, what, err)
				continue
			}
			if svg := f.SVG(); strings.Contains(svg, "<title>Error") || strings.Contains(svg, "NaN") {
				t.Errorf("%s, %s: not drawn: %v", name, what, f)
			}
		}
	}
}

// TestSliceLevels: the bands ascend, and are logarithmic where the slice is low
// nearly everywhere or a mark is.
func TestSliceLevels(t *testing.T) {
	bowl := func(x, y float64) float64 { return 5 + x*x + y*y }
	cliff := func(x, y float64) float64 { return 5 + math.Exp(5*(x+y)) }
	mark := func(z float64, v landscape.Verdict) []sliceMark {
		return []sliceMark{{LandscapePoint: LandscapePoint{Certificate: &landscape.Certificate{Verdict: v}}, below: z}}
	}
	for _, c := range []struct {
		name  string
		f     func(x, y float64) float64
		marks []sliceMark
		lines []float64
		log   bool
		dark  int
	}{
		{"bowl", bowl, nil, nil, false, 0},
		{"cliff", cliff, nil, nil, true, 0},
		{"bowl with a low mark", bowl, mark(5.05, landscape.SecondOrder), nil, true, 0},
		{"bowl with a saddle", bowl, mark(8, landscape.NegativeCurvature), nil, false, 1},
		{"bowl with levels", bowl, nil, []float64{6, 7, 99}, false, 2},
	} {
		g := gridOf(41, c.f)
		l := newSliceLevels(g, c.marks, c.lines)
		if (l.floor > 0) != c.log || len(l.saddles) != c.dark {
			t.Errorf("%s: floor %v, %d dark lines", c.name, l.floor, len(l.saddles))
		}
		if l.edges[0] != g.lo || math.Abs(l.edges[bands]-g.hi) > 1e-12*g.hi {
			t.Errorf("%s: edges from %v to %v, values from %v to %v", c.name, l.edges[0], l.edges[bands], g.lo, g.hi)
		}
		for k := range bands {
			if l.edges[k] >= l.edges[k+1] {
				t.Errorf("%s: edge %d is not below the next", c.name, k)
			}
			if mid := (l.edges[k] + l.edges[k+1]) / 2; l.band(mid) != k {
				t.Errorf("%s: %v is in band %d, want %d", c.name, mid, l.band(mid), k)
			}
		}
		b := l.sliceBar("g")
		if wantUnit := map[bool]string{false: "g", true: "g − 5"}[c.log]; b.unit != wantUnit {
			t.Errorf("%s: the bar shows %q, want %q", c.name, b.unit, wantUnit)
		}
		for i, v := range b.values {
			if at := b.place(v); at < -1e-9 || at > 1+1e-9 || i > 0 && at <= b.place(b.values[i-1]) {
				t.Errorf("%s: label %q is at %v of the bar", c.name, b.labels[i], at)
			}
		}
	}
	if l := newSliceLevels(gridOf(9, func(x, y float64) float64 { return 1 }), nil, nil); len(l.edges) != 2 {
		t.Errorf("a flat slice has edges %v", l.edges)
	}
}

// TestPlaceLabel: names stay within the picture and off marks and each other
// while there is room.
func TestPlaceLabel(t *testing.T) {
	c := draw.NewCanvas(&recorder.Canvas{}, 200, 200)
	marks := []vg.Point{{X: 100, Y: 100}, {X: 110, Y: 100}, {X: 90, Y: 100}, {X: 198, Y: 100}, {X: 2, Y: 198}}
	var taken []vg.Rectangle
	for _, at := range marks {
		taken = append(taken, around(at, markRadius+3, markRadius+3))
	}
	for i, at := range marks {
		box := placeLabel(c, "name", at, taken)
		if !c.Contains(box.Min) || !c.Contains(box.Max) {
			t.Errorf("name %d leaves the picture: %v", i, box)
		}
		for k, b := range taken {
			if box.Min.X < b.Max.X && b.Min.X < box.Max.X && box.Min.Y < b.Max.Y && b.Min.Y < box.Max.Y {
				t.Errorf("name %d covers %d", i, k)
			}
		}
		taken = append(taken, box)
	}
	if box := placeLabel(c, "", marks[0], nil); box.Size() != (vg.Point{}) {
		t.Error("no name takes room")
	}
}

// TestSizeAbove: a mark that another covers is larger, so that both are seen.
func TestSizeAbove(t *testing.T) {
	at := []vg.Point{{X: 0, Y: 0}, {X: 1, Y: 1}, {X: 50, Y: 0}, {X: 0, Y: 1}}
	for i, want := range []vg.Length{1, 1.9, 1, 2.8} {
		if got := sizeAbove(at[:i], at[i]); math.Abs(float64(got-want)) > 1e-9 {
			t.Errorf("mark %d has size %v, want %v", i, got, want)
		}
	}
}

// TestPathLong: a long path that hardly moves is drawn in few points and ends
// where it ends.
func TestPathLong(t *testing.T) {
	p, saddle, end := valley(t)
	start := saddle.Clone()
	start.U.Set(0, 1, 0.01)
	path, _ := descent(p, start, 0.03, 20_000)
	f := Landscape{Problem: p, Center: saddle, To: end, Path: path, N: 8}.Figure()
	var seen recorder.Canvas
	plot := *f.Plots[0]
	c := draw.NewCanvas(&seen, 300, 300)
	x, y := plot.Transforms(&c)
	s, err := newSlice(Landscape{Problem: p, Center: saddle, To: end, Path: path, N: 8})
	if err != nil {
		t.Fatal(err)
	}
	pathLine(s.path).Plot(c, &plot)
	points := 0
	var last vg.Point
	for _, a := range seen.Actions {
		if stroke, ok := a.(*recorder.Stroke); ok {
			points += len(stroke.Path)
			last = stroke.Path[len(stroke.Path)-1].Pos
		}
	}
	if points < 10 || points > 2000 {
		t.Errorf("the path is drawn in %d points", points)
	}
	want := s.path[len(s.path)-1]
	if math.Hypot(float64(last.X-x(want.X)), float64(last.Y-y(want.Y))) > 0.01 {
		t.Errorf("the line ends at %v, the path at (%v, %v)", last, x(want.X), y(want.Y))
	}
}

// TestReach: far enough to see the other sides of a saddle, from 0 at any scale.
func TestReach(t *testing.T) {
	for _, scale := range []float64{1e-6, 1, 1e6} {
		a := mat.NewDense(3, 3, nil)
		a.Set(0, 0, scale*scale)
		p := must[*problem.Quadratic](t)(problem.Factorisation{A: a, Rank: 1, Symmetric: true}.New())
		origin, along := lr.NewSymmetric(3, 1), lr.NewSymmetric(3, 1)
		along.U.Set(0, 0, 7)
		pl, err := newPlane(origin, along, nil, false)
		if err != nil {
			t.Fatal(err)
		}
		// The minimisers are at ±scale; g is as high as at 0 again at √2·scale.
		if h := pl.reach(p.NewEval()); h < math.Sqrt2*scale*(1-1e-9) || h > 4*scale {
			t.Errorf("scale %v: reach %v", scale, h)
		}
	}
	p, _, end := valley(t)
	along := lr.NewSymmetric(5, 2)
	along.U.Set(4, 1, 1)
	pl, err := newPlane(end, along, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	if h := pl.reach(p.NewEval()); math.Abs(h-end.Norm()/2) > 1e-12 {
		t.Errorf("at a minimiser: reach %v, want half of the norm %v", h, end.Norm())
	}
}
