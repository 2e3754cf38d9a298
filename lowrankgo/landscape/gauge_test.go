package landscape

import (
	"math"
	"math/rand/v2"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// drawnPoint is a random point of one of three shapes, perhaps of deficient rank.
func drawnPoint(t *rapid.T) (*lr.Factors, *rand.Rand) {
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	d1, d2, r := rapid.IntRange(1, 7).Draw(t, "d1"), rapid.IntRange(1, 7).Draw(t, "d2"), 0
	r = rapid.IntRange(1, min(d1, d2)).Draw(t, "r")
	x := &lr.Factors{U: lr.NormalMatrix(rng, d1, r)}
	if rapid.Bool().Draw(t, "two factors") {
		x.V = lr.NormalMatrix(rng, d2, r)
	}
	if r > 1 && rapid.Bool().Draw(t, "deficient") {
		zero := make([]float64, d1)
		x.U.SetCol(0, zero)
		if x.V != nil && rapid.Bool().Draw(t, "both") {
			x.V.SetCol(0, make([]float64, d2))
		}
	}
	return x, rng
}

// tangents are those of all matrices with a single entry, or a skew pair.
func tangents(kind Gauge, x *lr.Factors) []*lr.Factors {
	r := x.Rank()
	var all []*lr.Factors
	for i := range r {
		for j := range r {
			g := mat.NewDense(r, r, nil)
			g.Set(i, j, 1)
			if kind == Orthogonal {
				if j >= i {
					continue
				}
				g.Set(j, i, -1)
			}
			d := x.Clone()
			d.U.Mul(x.U, g)
			if x.V != nil && kind == General {
				d.V.Mul(x.V, g.T())
				d.V.Scale(-1, d.V)
			} else if x.V != nil {
				d.V.Mul(x.V, g)
			}
			all = append(all, d)
		}
	}
	return all
}

// TestProject compares with least squares on all tangents, written out.
func TestProject(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, rng := drawnPoint(t)
		kind := Orthogonal
		if x.V != nil && rapid.Bool().Draw(t, "general") {
			kind = General
		}
		n := variables(x)
		all := tangents(kind, x)
		basis := mat.NewDense(n, max(1, len(all)), nil)
		col := make([]float64, n)
		for k, d := range all {
			flatten(col, d)
			basis.SetCol(k, col)
		}
		u, sigma, _ := thin(basis)
		rank := 0
		for _, s := range sigma {
			if s > 1e-10*math.Max(1, sigma[0]) {
				rank++
			}
		}
		o := newOrbit(kind, x)
		if o.count() != rank {
			t.Fatalf("%v group: %d tangents, want %d", kind, o.count(), rank)
		}
		d := lr.NormalMatrix(rng, n, 1)
		got := x.Clone()
		unflatten(got, d.RawMatrix().Data)
		o.project(got)
		want := mat.VecDenseCopyOf(d.ColView(0))
		for k := range rank {
			q := u.ColView(k)
			want.AddScaledVec(want, -mat.Dot(q, want), q)
		}
		flatten(col, got)
		for i, v := range col {
			if math.Abs(v-want.AtVec(i)) > 1e-9 {
				t.Fatalf("%v group: entry %d is %g, want %g", kind, i, v, want.AtVec(i))
			}
		}
	})
}

// TestGaugeAt: gradients of functions of UVᵀ, of such functions with a term that
// only orthogonal matrices leave alone, and of none.
func TestGaugeAt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, rng := drawnPoint(t)
		d1, d2 := x.Dims()
		r := x.Rank()
		m := lr.NormalMatrix(rng, d1, d2)
		g := x.Clone()
		g.U.Mul(m, x.Right()) // ∇f = M
		want := General
		if x.V == nil {
			m.CloneFrom(m.T())
			var s mat.Dense
			s.Mul(m, x.U)
			g.U.Add(g.U, &s)
			want = Orthogonal
		} else {
			g.V.Mul(m.T(), x.U)
		}
		if got := gaugeAt(x, g); got != want {
			t.Fatalf("a function of UVᵀ: %v, want %v", got, want)
		}
		if x.V == nil || r == 1 || condOf(x) > 100 {
			return
		}
		ridge := g.Clone()
		ridge.AddScaled(0.1, x)
		if got := gaugeAt(x, ridge); got != Orthogonal {
			t.Fatalf("with a ridge: %v, want %v", got, Orthogonal)
		}
		g.U.Set(0, 0, g.U.At(0, 0)+1)
		if got := gaugeAt(x, g); got != NoGauge {
			t.Fatalf("with a linear term in U: %v, want %v", got, NoGauge)
		}
		g.U.Set(0, 0, math.NaN())
		if got := gaugeAt(x, g); got != NoGauge {
			t.Fatalf("NaN: %v, want %v", got, NoGauge)
		}
	})
}

func condOf(x *lr.Factors) float64 {
	u, _ := condition(x.U)
	v, _ := condition(x.Right())
	return math.Max(u, v)
}

// Where the gradient is large, or a tangent short, nothing is left out.
func TestLeaveOut(t *testing.T) {
	x := &lr.Factors{U: mat.NewDense(3, 2, []float64{1, 0, 0, 1e-6, 0, 0}), V: mat.NewDense(3, 2, []float64{1, 0, 0, 1e-6, 0, 0})}
	for grad, want := range map[float64]int{0: 4, 1e-9: 4, 1e-5: 3, 3: 0} {
		o := newOrbit(General, x)
		o.leaveOut(grad, 1)
		if o.count() != want {
			t.Errorf("‖∇g‖ = %g: %d tangents are left out, want %d", grad, o.count(), want)
		}
	}
}

func TestGaugeStrings(t *testing.T) {
	for g, want := range map[Gauge]string{Orthogonal: "orthogonal", General: "general linear", NoGauge: "none"} {
		if g.String() != want {
			t.Errorf("%d prints as %q, want %q", g, g, want)
		}
	}
}
