package problem_test

import (
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// naive is (w/2) Σ(⟨Aₙ, UVᵀ⟩ − bₙ)² by plain loops over the definition.
type naive struct {
	as []*mat.Dense
	b  []float64
	w  float64
}

// paired is Σ_ij A_ij ⟨row i of X, row j of Y⟩ = ⟨A, XYᵀ⟩.
func paired(a, x, y *mat.Dense) float64 {
	d1, d2 := a.Dims()
	_, r := x.Dims()
	var s float64
	for i := range d1 {
		for j := range d2 {
			for k := range r {
				s += a.At(i, j) * x.At(i, k) * y.At(j, k)
			}
		}
	}
	return s
}

// addThin adds c·(A·Y) to dx and c·(Aᵀ·X) to dy.
func addThin(c float64, a, x, y, dx, dy *mat.Dense) {
	d1, d2 := a.Dims()
	_, r := x.Dims()
	for i := range d1 {
		for j := range d2 {
			for k := range r {
				dx.Set(i, k, dx.At(i, k)+c*a.At(i, j)*y.At(j, k))
				dy.Set(j, k, dy.At(j, k)+c*a.At(i, j)*x.At(i, k))
			}
		}
	}
}

func (n naive) eval(x, d *lr.Factors) (value float64, grad, hess *lr.Factors) {
	grad, hess = x.Clone(), x.Clone()
	grad.Scale(0)
	hess.Scale(0)
	for i, a := range n.as {
		res := paired(a, x.U, x.Right()) - n.b[i]
		along := paired(a, d.U, x.Right()) + paired(a, x.U, d.Right())
		value += n.w / 2 * res * res
		addThin(n.w*res, a, x.U, x.Right(), grad.U, grad.Right())
		addThin(n.w*along, a, x.U, x.Right(), hess.U, hess.Right())
		addThin(n.w*res, a, d.U, d.Right(), hess.U, hess.Right())
	}
	return value, grad, hess
}

// balance adds (μ/4) Σ_kl (UᵀU − VᵀV)_kl² and its derivatives by the chain rule
// over the entries of B.
func balance(mu float64, x, d *lr.Factors) (value float64, grad, hess *lr.Factors) {
	r := x.Rank()
	grad, hess = x.Clone(), x.Clone()
	grad.Scale(0)
	hess.Scale(0)
	gap := func(a, b *mat.Dense, k, l int) float64 { return mat.Dot(a.ColView(k), b.ColView(l)) }
	for k := range r {
		for l := range r {
			b := gap(x.U, x.U, k, l) - gap(x.V, x.V, k, l)
			db := gap(d.U, x.U, k, l) + gap(x.U, d.U, k, l) - gap(d.V, x.V, k, l) - gap(x.V, d.V, k, l)
			value += mu / 4 * b * b
			for sign, f := range map[float64][4]*mat.Dense{1: {x.U, d.U, grad.U, hess.U}, -1: {x.V, d.V, grad.V, hess.V}} {
				rows, _ := f[0].Dims()
				for i := range rows {
					f[2].Set(i, k, f[2].At(i, k)+sign*mu*b*f[0].At(i, l))
					f[3].Set(i, k, f[3].At(i, k)+sign*mu*(db*f[0].At(i, l)+b*f[1].At(i, l)))
				}
			}
		}
	}
	return value, grad, hess
}

func matrices(g *operator.Gaussian) []*mat.Dense {
	_, _, m := g.Dims()
	out := make([]*mat.Dense, m)
	for i := range out {
		out[i] = g.Matrix(i)
	}
	return out
}

// near compares arrays within tol·(1 + max|want|).
func near(t fataler, what string, tol float64, got, want *mat.Dense) {
	t.Helper()
	var gap, size float64
	r, c := want.Dims()
	if gr, gc := got.Dims(); gr != r || gc != c {
		t.Fatalf("%s: %d×%d, want %d×%d", what, gr, gc, r, c)
	}
	for i := range r {
		for j := range c {
			gap = math.Max(gap, math.Abs(got.At(i, j)-want.At(i, j)))
			size = math.Max(size, math.Abs(want.At(i, j)))
		}
	}
	if !(gap <= tol*(1+size)) {
		t.Fatalf("%s: off by %g, want at most %g·(1 + %g)", what, gap, tol, size)
	}
}

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

func nearFactors(t fataler, what string, tol float64, got, want *lr.Factors) {
	t.Helper()
	near(t, what+" in U", tol, got.U, want.U)
	if want.V != nil {
		near(t, what+" in V", tol, got.V, want.V)
	}
}

func scalar(v float64) *mat.Dense { return mat.NewDense(1, 1, []float64{v}) }

// compare holds p at a random point against what the loops gave.
func compare(t fataler, p lr.Problem, want func(x, d *lr.Factors) (float64, *lr.Factors, *lr.Factors), seed uint64) {
	t.Helper()
	draw := func(name string) *lr.Factors {
		x := lr.NewPoint(p)
		x.U.Copy(lr.NormalMatrix(lr.Stream(seed, name+" U"), x.U.RawMatrix().Rows, x.Rank()))
		if x.V != nil {
			x.V.Copy(lr.NormalMatrix(lr.Stream(seed, name+" V"), x.V.RawMatrix().Rows, x.Rank()))
		}
		return x
	}
	x, d := draw("x"), draw("d")
	value, grad, hess := want(x, d)
	h, ok := lr.HessVecOf(p)
	if !ok {
		t.Fatalf("%v has no Hessian products", p)
	}
	got := lr.NewPoint(p)
	near(t, "value", 1e-11, scalar(h.Grad(got, x)), scalar(value))
	nearFactors(t, "gradient", 1e-11, got, grad)
	h.HessVec(got, x, d)
	nearFactors(t, "Hessian product", 1e-11, got, hess)
}

// TestLoops draws sizes down to 1×1 and compares with plain loops.
func TestLoops(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sym := rapid.Bool().Draw(t, "symmetric")
		d1 := rapid.IntRange(1, 7).Draw(t, "d1")
		d2 := d1
		if !sym {
			d2 = rapid.IntRange(1, 7).Draw(t, "d2")
		}
		r := rapid.IntRange(1, min(d1, d2)).Draw(t, "r")
		m := rapid.IntRange(1, 11).Draw(t, "m")
		seed := rapid.Uint64().Draw(t, "seed")
		scale := rapid.SampledFrom([]problem.Scale{problem.ScaleSum, problem.ScaleMean}).Draw(t, "scale")

		p, err := problem.GaussianSensing{D1: d1, D2: d2, Rank: r, M: m, Seed: seed, Scale: scale, Symmetric: sym}.New()
		if err != nil {
			t.Fatal(err)
		}
		weight := map[problem.Scale]float64{problem.ScaleSum: 1, problem.ScaleMean: 1 / float64(m)}[scale]
		slow := naive{matrices(p.Operator().(*operator.Gaussian)), p.Measurements(), weight}
		compare(t, p, slow.eval, seed)
		if sym {
			return
		}
		mu := rapid.Float64Range(1e-3, 10).Draw(t, "mu")
		b, err := problem.Balance{Of: p, Mu: mu}.New()
		if err != nil {
			t.Fatal(err)
		}
		compare(t, b, func(x, d *lr.Factors) (float64, *lr.Factors, *lr.Factors) {
			v, g, h := slow.eval(x, d)
			bv, bg, bh := balance(mu, x, d)
			g.AddScaled(1, bg)
			h.AddScaled(1, bh)
			return v + bv, g, h
		}, seed)
	})
}

// TestCompletionLoops gives entries in a random order and compares with plain
// loops over them.
func TestCompletionLoops(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sym := rapid.Bool().Draw(t, "symmetric")
		d1 := rapid.IntRange(1, 9).Draw(t, "d1")
		d2 := d1
		if !sym {
			d2 = rapid.IntRange(1, 9).Draw(t, "d2")
		}
		r := rapid.IntRange(1, min(d1, d2)).Draw(t, "r")
		places := rapid.SliceOfNDistinct(rapid.IntRange(0, d1*d2-1), 1, d1*d2, rapid.ID[int]).Draw(t, "places")
		share := rapid.Float64Range(0.05, 1).Draw(t, "p")
		seed := rapid.Uint64().Draw(t, "seed")
		c := problem.Completion{D1: d1, D2: d2, Rank: r, P: share, Symmetric: sym}
		slow := naive{w: 1 / share}
		rng := lr.Stream(seed, "values")
		for _, at := range places {
			v := rng.NormFloat64()
			c.Rows, c.Cols, c.Values = append(c.Rows, at/d2), append(c.Cols, at%d2), append(c.Values, v)
			unit := mat.NewDense(d1, d2, nil)
			unit.Set(at/d2, at%d2, 1)
			slow.as, slow.b = append(slow.as, unit), append(slow.b, v)
		}
		p, err := c.New()
		if err != nil {
			t.Fatal(err)
		}
		compare(t, p, slow.eval, seed)
	})
}
