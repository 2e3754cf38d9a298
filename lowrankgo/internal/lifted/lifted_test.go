package lifted

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// entrywise is the form A∘M of symmetric weights on the matrix XYᵀ, stored.
type entrywise struct{ weights, g mat.Dense }

func (e *entrywise) Apply(x, y *mat.Dense) float64 {
	var m mat.Dense
	m.Mul(x, y.T())
	e.g.Reset()
	e.g.MulElem(&e.weights, &m)
	var s float64
	for i := range m.RawMatrix().Rows {
		s += dot(m.RawRowView(i), e.g.RawRowView(i))
	}
	return s
}

func (e *entrywise) Mul(dst *mat.Dense, c float64, trans bool, z *mat.Dense) {
	var p mat.Dense
	if trans {
		p.Mul(e.g.T(), z)
	} else {
		p.Mul(&e.g, z)
	}
	scale(dst, c)
	dst.Add(dst, &p)
}

func normal(rng *rand.Rand, r, c int) *mat.Dense {
	m := mat.NewDense(r, c, nil)
	m.Apply(func(_, _ int, _ float64) float64 { return rng.NormFloat64() }, m)
	return m
}

// definition is c₁H1(N) + c₂𝒢(N) by blocks.
func definition(n *mat.Dense, d1 int, a, b *mat.Dense, first, second float64) *mat.Dense {
	d, _ := n.Dims()
	out := mat.NewDense(d, d, nil)
	out.Apply(func(i, j int, _ float64) float64 {
		v := n.At(i, j)
		switch {
		case i < d1 && j >= d1:
			return first/2*a.At(i, j-d1)*v - second*v
		case i >= d1 && j < d1:
			return first/2*b.At(j, i-d1)*v - second*v
		}
		return second * v
	}, out)
	return out
}

func TestDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d1, d2 := rapid.IntRange(1, 6).Draw(t, "d1"), rapid.IntRange(1, 6).Draw(t, "d2")
		k, kz := rapid.IntRange(1, 4).Draw(t, "k"), rapid.IntRange(1, 3).Draw(t, "kz")
		first := rapid.SampledFrom([]float64{0, 1, 4}).Draw(t, "first")
		second := rapid.SampledFrom([]float64{0, 1, -0.5}).Draw(t, "second")
		c := rapid.SampledFrom([]float64{0, 1, -2}).Draw(t, "c")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		a, b := normal(rng, d1, d2), normal(rng, d1, d2)
		e := New(d1, d2, &entrywise{weights: *a}, &entrywise{weights: *b}, first, second)
		d := d1 + d2
		for range 2 { // the second time in used memory, of another width
			x, y, z := normal(rng, d, k), normal(rng, d, k), normal(rng, d, kz)
			var n, want mat.Dense
			n.Mul(x, y.T())
			g := definition(&n, d1, a, b, first, second)
			var value float64
			for i := range d {
				value += dot(n.RawRowView(i), g.RawRowView(i))
			}
			if got := e.Apply(x, y); math.Abs(got-value) > 1e-11*(1+mat.Norm(&n, 2)*mat.Norm(g, 2)) {
				t.Fatalf("N:H:N = %g, want %g", got, value)
			}
			for _, trans := range []bool{false, true} {
				dst := normal(rng, d, kz)
				if trans {
					want.Mul(g.T(), z)
				} else {
					want.Mul(g, z)
				}
				var held mat.Dense
				held.Scale(c, dst)
				want.Add(&want, &held)
				if c == 0 {
					dst.Set(0, 0, math.NaN())
				}
				e.Mul(dst, c, trans, z)
				dst.Sub(dst, &want)
				if off := mat.Norm(dst, 2); !(off <= 1e-11*(1+mat.Norm(&want, 2))) {
					t.Fatalf("Mul, trans %t, is off by %g", trans, off)
				}
			}
			k++
		}
	})
}

func TestShapesPanic(t *testing.T) {
	for name, f := range map[string]func(e *Eval){
		"rows of x": func(e *Eval) { e.Apply(mat.NewDense(4, 2, nil), mat.NewDense(5, 2, nil)) },
		"columns":   func(e *Eval) { e.Apply(mat.NewDense(5, 2, nil), mat.NewDense(5, 1, nil)) },
		"dst":       func(e *Eval) { e.Mul(mat.NewDense(4, 1, nil), 0, false, mat.NewDense(5, 1, nil)) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if p, ok := recover().(string); !ok || !strings.HasPrefix(p, "lifted: ") {
					t.Errorf("the panic says %q", p)
				}
			}()
			f(New(2, 3, nil, nil, 0, 1))
		})
	}
}
