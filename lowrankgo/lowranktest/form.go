package lowranktest

import (
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// TestForm tests a quadratic form. The function naive computes H(M) of a d1×d2
// matrix by the definition, with plain loops; when it is nil that comparison
// is left out.
func TestForm(t *testing.T, h lr.Form, naive func(m *mat.Dense) *mat.Dense) {
	t.Helper()
	if err := lr.CheckForm(h); err != nil {
		t.Fatalf("CheckForm: %v", err)
	}
	s := formSuite{h: h, naive: naive}
	rules := []rule{
		{"definition", "Apply makes H(XYᵀ) the matrix that Mul applies", s.definition},
		{"value", "Apply returns XYᵀ : H : XYᵀ = ⟨X, H(XYᵀ)Y⟩", s.value},
		{"linear", "H is linear: the sum of two products is one product of more columns", s.linear},
		{"self-adjoint", "⟨A, H(B)⟩ = ⟨H(A), B⟩: the gradient of ½ A : H : A is H(A)", s.selfAdjoint},
		{"transposed", "⟨A, GB⟩ = ⟨GᵀA, B⟩: Mul applies one matrix and its transpose", s.transposed},
		{"accumulate", "Mul sets c·dst + G·z, and a c of 0 ignores dst, also when it holds NaN", s.accumulate},
		{"views", "matrices may be parts of larger ones, so rows need not be adjacent", s.views},
		{"inputs", "x, y and z belong to the caller and are only read", s.inputs},
		{"shapes", "wrong shapes are the programmer's error and panic, naming the package", s.shapes},
		{"threads", "results have the same bits for any GOMAXPROCS", s.threads},
		{"allocations", "after the first call nothing is allocated: the workspace is the evaluator's", s.allocations},
		{"concurrent", "the form is shared; each goroutine has an evaluator of its own", s.concurrent},
	}
	if p, ok := h.(interface{ Semidefinite() bool }); ok && p.Semidefinite() {
		rules = append(rules, rule{"semidefinite", "a form that is called Semidefinite has M : H : M ≥ 0 for all M", s.semidefinite})
	}
	run(t, rules)
}

type formSuite struct {
	h     lr.Form
	naive func(m *mat.Dense) *mat.Dense
}

func (s formSuite) thin(name string, k int) (x, y *mat.Dense) {
	d1, d2 := s.h.Dims()
	return normal(name+" x", d1, k), normal(name+" y", d2, k)
}

// product is G·z or Gᵀ·z of an evaluator.
func (s formSuite) product(e lr.FormEval, trans bool, z *mat.Dense) *mat.Dense {
	d1, d2 := s.h.Dims()
	if trans {
		d1 = d2
	}
	dst := mat.NewDense(d1, z.RawMatrix().Cols, nil)
	fill(dst, math.NaN())
	e.Mul(dst, 0, trans, z)
	return dst
}

// whole is H(XYᵀ) as a d1×d2 matrix.
func (s formSuite) whole(x, y *mat.Dense) *mat.Dense {
	_, d2 := s.h.Dims()
	eye := mat.NewDense(d2, d2, nil)
	for j := range d2 {
		eye.Set(j, j, 1)
	}
	e := s.h.NewEval()
	e.Apply(x, y)
	return s.product(e, false, eye)
}

func (s formSuite) definition(t *testing.T) {
	if s.naive == nil {
		return
	}
	for _, k := range thins {
		x, y := s.thin("definition", k)
		var m mat.Dense
		m.Mul(x, y.T())
		near(t, "H(XYᵀ)", 1e-11, flat(nil, s.whole(x, y)), flat(nil, s.naive(&m)))
	}
}

func (s formSuite) value(t *testing.T) {
	e := s.h.NewEval()
	for _, k := range thins {
		x, y := s.thin("value", k)
		got := e.Apply(x, y)
		gy := s.product(e, false, y)
		want, size := inner(flat(nil, x), flat(nil, gy)), norm(flat(nil, x))*norm(flat(nil, gy))
		if !(math.Abs(got-want) <= 1e-12*size) {
			t.Errorf("k = %d: Apply gives %.17g, ⟨X, GY⟩ is %.17g; want equal to 1e-12 of %.3g", k, got, want, size)
		}
	}
}

// semidefinite follows M ← cM − H(M), c above the largest eigenvalue, to where M :
// H : M is least.
func (s formSuite) semidefinite(t *testing.T) {
	d1, d2 := s.h.Dims()
	eye := mat.NewDense(d2, d2, nil)
	for j := range d2 {
		eye.Set(j, j, 1)
	}
	m, top := normal("semidefinite", d1, d2), 0.0
	for range 20 {
		m.Scale(1/mat.Norm(m, 2), m)
		h := s.whole(m, eye)
		size := mat.Norm(h, 2)
		if top = math.Max(top, size); size == 0 {
			break
		}
		m = h
	}
	m = normal("semidefinite", d1, d2)
	for range 60 {
		m.Scale(1/mat.Norm(m, 2), m)
		h := s.whole(m, eye)
		if v := inner(flat(nil, m), flat(nil, h)); !(v >= -1e-12*top) {
			t.Errorf("M : H : M = %g for an M of norm 1, where ‖H‖ is about %g", v, top)
			return
		}
		var next mat.Dense
		next.Scale(1.5*top, m)
		next.Sub(&next, h)
		if m = &next; mat.Norm(m, 2) == 0 {
			return
		}
	}
}

func (s formSuite) linear(t *testing.T) {
	x1, y1 := s.thin("linear 1", 2)
	x2, y2 := s.thin("linear 2", 3)
	want := s.whole(x1, y1)
	want.Add(want, s.whole(x2, y2))
	var x, y mat.Dense
	x.Augment(x1, x2)
	y.Augment(y1, y2)
	near(t, "H([X1, X2][Y1, Y2]ᵀ)", 1e-12, flat(nil, s.whole(&x, &y)), flat(nil, want))
	x1.Scale(-3, x1)
	third := s.whole(x1, y1)
	x1.Scale(-1.0/3, x1)
	want = s.whole(x1, y1)
	want.Scale(-3, want)
	near(t, "H(−3·XYᵀ)", 1e-12, flat(nil, third), flat(nil, want))
}

func (s formSuite) selfAdjoint(t *testing.T) {
	for _, k := range thins {
		xa, ya := s.thin("a", k)
		xb, yb := s.thin("b", 3)
		var a, b mat.Dense
		a.Mul(xa, ya.T())
		b.Mul(xb, yb.T())
		ha, hb := flat(nil, s.whole(xa, ya)), flat(nil, s.whole(xb, yb))
		left, right := inner(flat(nil, &a), hb), inner(ha, flat(nil, &b))
		if size := norm(flat(nil, &a))*norm(hb) + norm(ha)*norm(flat(nil, &b)); !(math.Abs(left-right) <= 1e-12*size) {
			t.Errorf("k = %d: ⟨A, H(B)⟩ = %.17g, ⟨H(A), B⟩ = %.17g; want equal to 1e-12 of %.3g", k, left, right, size)
		}
	}
}

func (s formSuite) transposed(t *testing.T) {
	x, y := s.thin("point", 3)
	e := s.h.NewEval()
	e.Apply(x, y)
	for _, k := range thins {
		a, b := s.thin("transposed", k)
		gb, ga := flat(nil, s.product(e, false, b)), flat(nil, s.product(e, true, a))
		left, right := inner(flat(nil, a), gb), inner(ga, flat(nil, b))
		if size := norm(flat(nil, a)) * norm(gb); !(math.Abs(left-right) <= 1e-12*(size+1)) {
			t.Errorf("k = %d: ⟨A, GB⟩ = %.17g, ⟨GᵀA, B⟩ = %.17g; want equal to 1e-12 of %.3g", k, left, right, size)
		}
	}
}

func (s formSuite) accumulate(t *testing.T) {
	x, y := s.thin("accumulate", 3)
	e := s.h.NewEval()
	e.Apply(x, y)
	for trans, z := range map[bool]*mat.Dense{false: y, true: x} {
		product := s.product(e, trans, z)
		r, k := product.Dims()
		for _, c := range []float64{1, -0.5} {
			dst := normal("held", r, k)
			var want mat.Dense
			want.Scale(c, dst)
			want.Add(&want, product)
			e.Mul(dst, c, trans, z)
			near(t, "c·dst + G·z", 1e-12, flat(nil, dst), flat(nil, &want))
		}
	}
}

func (s formSuite) views(t *testing.T) {
	x, y := s.thin("views", 3)
	e, f := s.h.NewEval(), s.h.NewEval()
	sameBits(t, "Apply of views", one(f.Apply(inside(x), inside(y))), one(e.Apply(x, y)))
	for trans, z := range map[bool]*mat.Dense{false: y, true: x} {
		want := s.product(e, trans, z)
		dst := inside(want)
		fill(dst, 7)
		f.Mul(dst, 0, trans, inside(z))
		sameBits(t, "Mul of views", flat(nil, dst), flat(nil, want))
	}
}

// results makes every call on a new evaluator, and moves it once.
func (s formSuite) results() []float64 {
	e := s.h.NewEval()
	var out []float64
	for _, k := range []int{5, 2} {
		x, y := s.thin("results", k)
		out = append(out, e.Apply(x, y))
		out = flat(flat(out, s.product(e, false, y)), s.product(e, true, x))
	}
	return out
}

func (s formSuite) inputs(t *testing.T) {
	x, y := s.thin("inputs", 3)
	before := flat(flat(nil, x), y)
	e := s.h.NewEval()
	e.Apply(x, y)
	s.product(e, false, y)
	s.product(e, true, x)
	sameBits(t, "x and y after all calls", flat(flat(nil, x), y), before)
	want := flat(nil, s.product(e, false, y))
	z := mat.DenseCopyOf(y)
	fill(x, math.NaN())
	fill(y, math.NaN())
	sameBits(t, "Mul after the caller has used x and y for something else", flat(nil, s.product(e, false, z)), want)
}

func (s formSuite) shapes(t *testing.T) {
	d1, d2 := s.h.Dims()
	x, y := s.thin("shapes", 2)
	tall, wide := mat.NewDense(d1+1, 2, nil), mat.NewDense(d2, 3, nil)
	e := s.h.NewEval()
	want := e.Apply(x, y)
	mustPanic(t, "Apply with x of d1+1 rows", func() { e.Apply(tall, y) })
	mustPanic(t, "Apply with y of another number of columns", func() { e.Apply(x, wide) })
	mustPanic(t, "Mul into d1+1 rows", func() { e.Mul(tall, 0, false, y) })
	mustPanic(t, "Mul with another number of columns", func() { e.Mul(mat.DenseCopyOf(x), 0, false, wide) })
	mustPanic(t, "Mul, transposed, of d1+1 rows", func() { e.Mul(mat.DenseCopyOf(y), 0, true, tall) })
	sameBits(t, "Apply after the panics", one(e.Apply(x, y)), one(want))
}

func (s formSuite) threads(t *testing.T) {
	want := s.results()
	for _, n := range threadCounts {
		withThreads(n, func() { sameBits(t, "all calls", s.results(), want) })
	}
}

func (s formSuite) allocations(t *testing.T) {
	x, y := s.thin("allocations", 4)
	gy, gx := mat.DenseCopyOf(x), mat.DenseCopyOf(y)
	e := s.h.NewEval()
	n := allocations(20, func() {
		e.Apply(x, y)
		e.Mul(gy, 0, false, y)
		e.Mul(gx, 1, true, x)
	})
	if n > 0 {
		t.Errorf("%d allocations in a round of all calls, want none", n)
	}
}

func (s formSuite) concurrent(t *testing.T) {
	want := s.results()
	for _, got := range together(s.results) {
		sameBits(t, "one of four goroutines", got, want)
	}
}
