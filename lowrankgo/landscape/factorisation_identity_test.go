package landscape

import (
	"errors"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

func TestFactorisationIdentityVectors(t *testing.T) {
	for _, c := range independents(t, "lemma13", 6) {
		t.Run(c.Name, func(t *testing.T) {
			a, u := c.dense(c.A), c.dense(c.U)
			n, err := FactorisationIdentity(a, u)
			if err != nil {
				t.Fatal(err)
			}
			const tol = 1e-10
			agrees(t, "the curvature", n.Curvature, c.LHS, tol)
			agrees(t, "‖ΔΔᵀ‖²", n.DD, c.DD, tol)
			agrees(t, "‖E‖²", n.EE, c.EE, tol)
			agrees(t, "⟨∇f, Δ⟩", n.Gradient, c.GradDotDelta, tol)
			agrees(t, "the residue", n.Residue, c.ResidueTerm, tol)
			agrees(t, "the right side", n.Identity.Right, c.RHS, tol)
			agrees(t, "without ½", n.NoHalf.Left, c.LHSNoHalf, tol)
			agrees(t, "the gradient without ½", 2*n.Gradient, c.GradNoHalf, tol)
			var p mat.Dense
			p.Mul(n.Target, n.Target.T())
			agreesMatrix(t, "P_r(A)", &p, c.dense(c.PR), tol)
			agrees(t, "‖Δ‖", n.Distance, mat.Norm(c.dense(c.Delta), 2), tol)
			for i, v := range c.Eigenvalues {
				agrees(t, "an eigenvalue of A", n.Values[i], v, tol)
			}
			sure(t, 0, n.Identity, n.NoHalf, n.Bound)
		})
	}
}

// drawnSymmetric is a symmetric matrix of any size, indefinite, or positive, or of
// low rank, and a factor.
func drawnSymmetric(t *rapid.T) (a, u *mat.Dense, seed uint64) {
	seed = rapid.Uint64().Draw(t, "seed")
	rng := lr.Stream(seed, "symmetric")
	d := rapid.IntRange(1, 20).Draw(t, "d")
	r := rapid.IntRange(1, d).Draw(t, "r")
	a = mat.NewDense(d, d, nil)
	g := lr.NormalMatrix(rng, d, rapid.IntRange(1, d).Draw(t, "rank of A"))
	a.Mul(g, g.T())
	if rapid.Bool().Draw(t, "indefinite") {
		n := lr.NormalMatrix(rng, d, d)
		a.Sub(a, n)
		a.Sub(a, n.T())
	}
	u = lr.NormalMatrix(rng, d, r)
	u.Scale(rapid.SampledFrom([]float64{0, 1e-9, 1e-3, 0.3, 1, 4}).Draw(t, "size"), u)
	if rapid.Bool().Draw(t, "deficient") {
		for i := range d {
			u.Set(i, 0, 0)
		}
	}
	return a, u, seed
}

// The identity holds for any symmetric A and any U, to rounding.
func TestFactorisationIdentity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, u, seed := drawnSymmetric(t)
		n, err := FactorisationIdentity(a, u)
		if err != nil {
			t.Fatal(err)
		}
		sure(t, seed, n.Identity, n.NoHalf, n.Bound)
		p, err := problem.Factorisation{A: a, Rank: u.RawMatrix().Cols, Symmetric: true}.New()
		if err != nil {
			t.Fatal(err)
		}
		// The terms with derivatives, by package problem.
		e, _ := lr.HessVecOf(p)
		x, d := &lr.Factors{U: u}, &lr.Factors{U: n.Delta}
		g, h := lr.NewPoint(p), lr.NewPoint(p)
		e.Grad(g, x)
		e.HessVec(h, x, d)
		size := 1e-11 * (1 + n.Identity.Scale)
		if math.Abs(h.Dot(d)-n.Curvature) > size || math.Abs(g.Dot(d)-n.Gradient) > size || math.Abs(g.Norm()-n.GradNorm) > size {
			t.Fatalf("seed %d: curvature %g, slope %g, gradient %g; by package problem %g, %g, %g",
				seed, n.Curvature, n.Gradient, n.GradNorm, h.Dot(d), g.Dot(d), g.Norm())
		}
	})
}

// What the proof makes of it is never exceeded: 10,000 instances, and climbing at
// gaps around those of the lemma.
func TestFactorisationBoundNeverViolated(t *testing.T) {
	const seed = 3
	rng := lr.Stream(seed, "factorisation bound")
	over := math.Inf(-1)
	for k := range 10000 {
		d := 1 + k%6
		r := 1 + k%min(d, 3)
		a := lr.NormalMatrix(rng, d, d)
		a.Add(a, mat.DenseCopyOf(a.T()))
		u := lr.NormalMatrix(rng, d, r)
		u.Scale(math.Pow(10, 2*rng.Float64()-1), u)
		n, err := FactorisationIdentity(a, u)
		if err != nil {
			t.Fatal(err)
		}
		over = math.Max(over, (n.Bound.Left-n.Bound.Right)/n.Bound.Scale)
	}
	if over > 1e-12 {
		t.Errorf("seed %d: the bound is exceeded by %g of its scale", seed, over)
	}
	for _, gap := range []float64{1.01, 2, ProofGapRatio, PrintedGapRatio} {
		a := mat.NewDense(3, 3, []float64{gap, 0, 0, 0, 1, 0, 0, 0, 0.5})
		best, at := maximise(rng, 3, 3, 800, func(v []float64) float64 {
			n, err := FactorisationIdentity(a, mat.NewDense(3, 1, append([]float64(nil), v...)))
			if err != nil {
				return math.NaN()
			}
			return (n.Bound.Left - n.Bound.Right) / n.Bound.Scale
		})
		if best > 1e-12 || best < -0.5 {
			t.Errorf("seed %d, gap %v: climbing leads to %g of the scale at %v; want at most 0 and not far below", seed, gap, best, at)
		}
	}
}

func TestFactorisationConclusion(t *testing.T) {
	u := mat.NewDense(3, 1, []float64{1, 2, 3})
	for name, c := range map[string]struct {
		diagonal [3]float64
		want     [5]Answer // PSD, λᵣ > 0, 15, 7.24, 1
		gap      float64
	}{
		"wide":       {[3]float64{16, 1, 1}, [5]Answer{Yes, Yes, Yes, Yes, Yes}, 16},
		"middle":     {[3]float64{10, 1, 1}, [5]Answer{Yes, Yes, No, Yes, Yes}, 10},
		"narrow":     {[3]float64{3, 2, 1}, [5]Answer{Yes, Yes, No, No, Yes}, 1.5},
		"none":       {[3]float64{2, 2, 1}, [5]Answer{Yes, Yes, No, No, No}, 1},
		"indefinite": {[3]float64{2, -1, -1}, [5]Answer{No, Yes, Yes, Yes, Yes}, math.Inf(1)},
		"negative":   {[3]float64{-1, -1, -2}, [5]Answer{No, No, Yes, Yes, Yes}, math.Inf(1)},
	} {
		n, err := FactorisationIdentity(mat.NewDiagDense(3, c.diagonal[:]), u)
		if err != nil {
			t.Fatal(err)
		}
		if n.GapRatio != c.gap {
			t.Errorf("%s: gap ratio %v, want %v", name, n.GapRatio, c.gap)
		}
		for i, h := range n.Conclusion {
			if h.Holds != c.want[i] {
				t.Errorf("%s: %v, want %v", name, h, c.want[i])
			}
		}
		sure(t, 0, n.Identity, n.NoHalf, n.Bound)
	}
}

func TestFactorisationInput(t *testing.T) {
	u := mat.NewDense(3, 1, []float64{1, 2, 3})
	eye := mat.NewDiagDense(3, []float64{1, 1, 1})
	odd := mat.NewDense(3, 3, []float64{1, 2, 0, 0, 1, 0, 0, 0, 1})
	nan := mat.NewDense(3, 3, nil)
	nan.Set(1, 1, math.NaN())
	for name, c := range map[string]struct {
		a    mat.Matrix
		u    *mat.Dense
		want error
	}{
		"nil":           {nil, u, lr.ErrEmpty},
		"nil dense":     {(*mat.Dense)(nil), u, lr.ErrEmpty},
		"not square":    {mat.NewDense(3, 2, nil), u, lr.ErrShape},
		"not symmetric": {odd, u, lr.ErrValue},
		"NaN":           {nan, u, lr.ErrValue},
		"U of 2 rows":   {eye, mat.NewDense(2, 1, nil), lr.ErrShape},
		"U too wide":    {eye, mat.NewDense(3, 4, nil), lr.ErrShape},
		"no U":          {eye, nil, lr.ErrShape},
		"infinite U":    {eye, mat.NewDense(3, 1, []float64{1, math.Inf(1), 0}), lr.ErrValue},
	} {
		if _, err := FactorisationIdentity(c.a, c.u); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
