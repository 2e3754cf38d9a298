package lowranktest

import (
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// TestProblem tests an objective: its value, its derivatives, and the
// abilities that it claims. Points are random with entries of size 1 and 0.1,
// and zero.
//
// A problem with a regulariser R(U, V) beside f(UVᵀ) that has the MulGrad
// ability also has a method Unregularised() lowrankgo.Problem, by which the
// suite finds f.
func TestProblem(t *testing.T, p lr.Problem) {
	t.Helper()
	if err := lr.CheckProblem(p); err != nil {
		t.Fatalf("CheckProblem: %v", err)
	}
	s := problemSuite{p}
	rules := []rule{
		{"value", "the value is the same with and without a gradient, and dst may hold anything before", s.value},
		{"gradient", "f(x + hd) − f(x) − h⟨∇f(x), d⟩ vanishes as h²", s.gradient},
		{"gauge", "M = UVᵀ is unchanged by (UG, VG) with orthogonal G, so the value is too, and the gradient turns with G", s.gauge},
		{"moving", "an evaluator remembers its last point; it must notice when the caller moves on, also in place", s.moving},
		{"inputs", "x and d are the caller's: they are only read", s.inputs},
		{"shapes", "wrong shapes are the programmer's error and panic, naming the package", s.shapes},
		{"threads", "results have the same bits for any GOMAXPROCS", s.threads},
		{"allocations", "after the first call nothing is allocated: the workspace is the evaluator's", s.allocations},
		{"concurrent", "the problem is shared; each goroutine has an evaluator of its own", s.concurrent},
		{"truth", "a truth has the shape of M and finite entries", s.truth},
	}
	if _, ok := lr.HessVecOf(p); ok {
		rules = append(rules,
			rule{"hessian", "∇f(x + hd) − ∇f(x) − h∇²f(x)[d] vanishes as h²", s.hessian},
			rule{"hessian symmetric", "⟨a, ∇²f(x)[b]⟩ = ⟨b, ∇²f(x)[a]⟩ and ∇²f(x) is linear", s.symmetric})
	}
	if _, ok := lr.MulGradOf(p); ok {
		rules = append(rules,
			rule{"matrix gradient", "∇f(M)·V is the gradient in U, ∇f(M)ᵀ·U that in V; a nil x is M = 0", s.mulGrad})
	}
	run(t, rules)
}

type problemSuite struct{ p lr.Problem }

// points are where derivatives are checked.
func (s problemSuite) points() map[string]*lr.Factors {
	return map[string]*lr.Factors{
		"entries of size 1":   point(s.p, "x", 1),
		"entries of size 0.1": point(s.p, "small", 0.1),
		"zero":                lr.NewPoint(s.p),
	}
}

// gradAt evaluates on a new evaluator.
func (s problemSuite) gradAt(x *lr.Factors) (float64, *lr.Factors) {
	g := lr.NewPoint(s.p)
	v := s.p.NewEval().Grad(g, x)
	return v, g
}

func (s problemSuite) hessAt(x, d *lr.Factors) *lr.Factors {
	h, _ := lr.HessVecOf(s.p)
	out := lr.NewPoint(s.p)
	h.HessVec(out, x, d)
	return out
}

func nans(p lr.Problem) *lr.Factors {
	x := lr.NewPoint(p)
	fill(x.U, math.NaN())
	if x.V != nil {
		fill(x.V, math.NaN())
	}
	return x
}

// shifted is x + h·d.
func shifted(x *lr.Factors, h float64, d *lr.Factors) *lr.Factors {
	y := x.Clone()
	y.AddScaled(h, d)
	return y
}

func (s problemSuite) value(t *testing.T) {
	for where, x := range s.points() {
		want, g := s.gradAt(x)
		near(t, "value without gradient at "+where, 1e-12, one(s.p.NewEval().Grad(nil, x)), one(want))
		dst := nans(s.p)
		s.p.NewEval().Grad(dst, x)
		sameBits(t, "gradient over NaN at "+where, numbers(dst), numbers(g))
	}
}

func (s problemSuite) gradient(t *testing.T) {
	for where, x := range s.points() {
		v, g := s.gradAt(x)
		for _, name := range []string{"d1", "d2", "d3"} {
			d := point(s.p, name, 1)
			e := s.p.NewEval()
			at := func(h float64) float64 { return e.Grad(nil, shifted(x, h, d)) }
			second(t, "value at "+where,
				func(h float64) float64 { return math.Abs(at(h) - v - h*g.Dot(d)) },
				func(h float64) float64 { return 1e-16 * (math.Abs(v) + math.Abs(at(h)) + h*math.Abs(g.Dot(d))) })
		}
	}
}

func (s problemSuite) hessian(t *testing.T) {
	for where, x := range s.points() {
		_, g := s.gradAt(x)
		for _, name := range []string{"d1", "d2"} {
			d := point(s.p, name, 1)
			hd := s.hessAt(x, d)
			second(t, "gradient at "+where,
				func(h float64) float64 {
					_, rest := s.gradAt(shifted(x, h, d))
					rest.AddScaled(-1, g)
					rest.AddScaled(-h, hd)
					return rest.Norm()
				},
				func(h float64) float64 { return 1e-15 * (g.Norm() + hd.Norm()) })
		}
	}
}

func (s problemSuite) symmetric(t *testing.T) {
	for where, x := range s.points() {
		a, b := point(s.p, "a", 1), point(s.p, "b", 1)
		ha, hb := s.hessAt(x, a), s.hessAt(x, b)
		if l, r := a.Dot(hb), b.Dot(ha); !(math.Abs(l-r) <= 1e-11*(a.Norm()*hb.Norm()+b.Norm()*ha.Norm())) {
			t.Errorf("at %s: ⟨a, Hb⟩ = %.17g but ⟨b, Ha⟩ = %.17g", where, l, r)
		}
		ha.AddScaled(-2, hb)
		near(t, "H(a − 2b) at "+where, 1e-11, numbers(s.hessAt(x, shifted(a, -2, b))), numbers(ha))
	}
}

// turned is (UG, VG) for an orthogonal G that is the same for all of size r.
func turned(x *lr.Factors) *lr.Factors {
	var qr mat.QR
	qr.Factorize(normal("G", x.Rank(), x.Rank()))
	var g mat.Dense
	qr.QTo(&g)
	y := x.Clone()
	y.U.Mul(x.U, &g)
	if x.V != nil {
		y.V.Mul(x.V, &g)
	}
	return y
}

func (s problemSuite) gauge(t *testing.T) {
	x := point(s.p, "x", 1)
	v, g := s.gradAt(x)
	vt, gt := s.gradAt(turned(x))
	near(t, "value at (UG, VG)", 1e-11, one(vt), one(v))
	near(t, "gradient at (UG, VG)", 1e-11, numbers(gt), numbers(turned(g)))
}

// moving compares one evaluator that is used in every order with new ones.
func (s problemSuite) moving(t *testing.T) {
	a, b := point(s.p, "a", 1), point(s.p, "b", 0.5)
	va, ga := s.gradAt(a)
	vb, gb := s.gradAt(b)
	e, dst := s.p.NewEval(), lr.NewPoint(s.p)
	expect := func(what string, x *lr.Factors, v float64, g *lr.Factors) {
		t.Helper()
		near(t, "value "+what, 1e-12, one(e.Grad(dst, x)), one(v))
		near(t, "gradient "+what, 1e-12, numbers(dst), numbers(g))
	}
	expect("at first", a, va, ga)
	expect("at the same point again", a, va, ga)
	expect("after a move", b, vb, gb)
	near(t, "value alone after a move", 1e-12, one(e.Grad(nil, a)), one(va))
	expect("after a value alone at another point", b, vb, gb)
	near(t, "value alone again", 1e-12, one(e.Grad(nil, b)), one(vb))
	x := b.Clone()
	x.CopyFrom(a)
	expect("at a copy", x, va, ga)
	x.CopyFrom(b)
	expect("after x was changed in place", x, vb, gb)
	if h, ok := lr.HessVecOf(s.p); ok {
		s.movingHessian(t, h, a, b)
	}
}

func (s problemSuite) movingHessian(t *testing.T, h lr.HessVec, a, b *lr.Factors) {
	d, dst := point(s.p, "d", 1), nans(s.p)
	ha, hb := numbers(s.hessAt(a, d)), numbers(s.hessAt(b, d))
	expect := func(what string, x *lr.Factors, want []float64) {
		t.Helper()
		h.HessVec(dst, x, d)
		near(t, "Hessian product "+what, 1e-12, numbers(dst), want)
	}
	expect("before any gradient, over NaN", a, ha)
	expect("at another point", b, hb)
	h.Grad(nil, a)
	expect("after a value at another point", b, hb)
	h.Grad(dst, a)
	expect("after a gradient at that point", a, ha)
	x := a.Clone()
	expect("at a copy", x, ha)
	x.CopyFrom(b)
	expect("after x was changed in place", x, hb)
	v, g := s.gradAt(b)
	near(t, "value after a Hessian product", 1e-12, one(h.Grad(dst, b)), one(v))
	near(t, "gradient after a Hessian product", 1e-12, numbers(dst), numbers(g))
}

// results makes every call on a new evaluator.
func (s problemSuite) results(x, d *lr.Factors) []float64 {
	v, g := s.gradAt(x)
	out := append(numbers(g), v)
	if _, ok := lr.HessVecOf(s.p); ok {
		out = append(out, numbers(s.hessAt(x, d))...)
	}
	if m, ok := lr.MulGradOf(s.p); ok {
		dst := mat.DenseCopyOf(x.U)
		m.MulGrad(dst, false, x, d.Right())
		out = flat(out, dst)
	}
	return out
}

func (s problemSuite) inputs(t *testing.T) {
	x, d := point(s.p, "x", 1), point(s.p, "d", 1)
	keepX, keepD := x.Clone(), d.Clone()
	s.results(x, d)
	sameBits(t, "x after all calls", numbers(x), numbers(keepX))
	sameBits(t, "d after all calls", numbers(d), numbers(keepD))
}

func (s problemSuite) shapes(t *testing.T) {
	d1, d2, r := s.p.Dims()
	x, e := point(s.p, "x", 1), s.p.NewEval()
	wrong := map[string]*lr.Factors{
		"one row more":    lr.NewFactors(d1+1, d2, r),
		"one column more": lr.NewFactors(d1, d2, r+1),
		"another V":       {U: mat.NewDense(d1, r, nil), V: mat.NewDense(d2, r+1, nil)},
		"no V":            lr.NewSymmetric(d1, r),
	}
	if lr.SymmetricOf(s.p) {
		delete(wrong, "no V")
		wrong["a V"] = lr.NewFactors(d1, d2, r)
	}
	for what, w := range wrong {
		mustPanic(t, "Grad at a point with "+what, func() { e.Grad(nil, w) })
		mustPanic(t, "Grad into "+what, func() { e.Grad(w, x) })
		if h, ok := lr.HessVecOf(s.p); ok {
			mustPanic(t, "HessVec at a point with "+what, func() { h.HessVec(lr.NewPoint(s.p), w, x) })
			mustPanic(t, "HessVec along "+what, func() { h.HessVec(lr.NewPoint(s.p), x, w) })
			mustPanic(t, "HessVec into "+what, func() { h.HessVec(w, x, x) })
		}
	}
	want, _ := s.gradAt(x)
	near(t, "value after the panics", 1e-12, one(e.Grad(nil, x)), one(want))
}

func (s problemSuite) threads(t *testing.T) {
	x, d := point(s.p, "x", 1), point(s.p, "d", 1)
	want := s.results(x, d)
	for _, n := range threadCounts {
		withThreads(n, func() { sameBits(t, "all calls", s.results(x, d), want) })
	}
}

func (s problemSuite) allocations(t *testing.T) {
	x, y, d, dst := point(s.p, "x", 1), point(s.p, "y", 1), point(s.p, "d", 1), lr.NewPoint(s.p)
	e := s.p.NewEval()
	if n := allocations(20, func() { e.Grad(nil, x); e.Grad(dst, x); e.Grad(dst, y) }); n > 0 {
		t.Errorf("%d allocations in three calls of Grad, want none", n)
	}
	h, ok := lr.HessVecOf(s.p)
	if !ok {
		return
	}
	if n := allocations(20, func() { h.HessVec(dst, x, d); h.HessVec(dst, y, d) }); n > 0 {
		t.Errorf("%d allocations in two calls of HessVec, want none", n)
	}
}

func (s problemSuite) concurrent(t *testing.T) {
	x, d := point(s.p, "x", 1), point(s.p, "d", 1)
	want := s.results(x, d)
	for _, got := range together(func() []float64 { return s.results(x, d) }) {
		sameBits(t, "one of four goroutines", got, want)
	}
}

func (s problemSuite) truth(t *testing.T) {
	x, ok := lr.TruthOf(s.p)
	if !ok {
		return
	}
	d1, d2, _ := s.p.Dims()
	if t1, t2 := x.Dims(); t1 != d1 || t2 != d2 || !x.Finite() {
		t.Errorf("the truth is %d×%d, finite %t; want %d×%d and finite", t1, t2, x.Finite(), d1, d2)
	}
}

func (s problemSuite) mulGrad(t *testing.T) {
	m, _ := lr.MulGradOf(s.p)
	plain := s.p
	for {
		u, ok := plain.(interface{ Unregularised() lr.Problem })
		if !ok {
			break
		}
		plain = u.Unregularised()
	}
	x := point(s.p, "x", 1)
	_, want := problemSuite{plain}.gradAt(x)
	left, right := mat.DenseCopyOf(x.U), mat.DenseCopyOf(x.Right())
	fill(left, math.NaN())
	m.MulGrad(left, false, x, x.Right())
	m.MulGrad(right, true, x, x.U)
	if x.V == nil {
		left.Add(left, right)
	} else {
		near(t, "∇f(M)ᵀ·U", 1e-11, flat(nil, right), flat(nil, want.V))
	}
	near(t, "∇f(M)·V", 1e-11, flat(nil, left), flat(nil, want.U))

	zero, atNil := mat.DenseCopyOf(x.U), mat.DenseCopyOf(x.U)
	m.MulGrad(zero, false, lr.NewPoint(s.p), x.Right())
	m.MulGrad(atNil, false, nil, x.Right())
	near(t, "∇f(0) by a nil x", 1e-12, flat(nil, atNil), flat(nil, zero))
}
