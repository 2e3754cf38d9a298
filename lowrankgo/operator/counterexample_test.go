package operator_test

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

func instance(t testing.TB, c operator.Counterexample) *operator.Instance {
	t.Helper()
	in, err := c.New()
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// sharp is f(x) = Σ (xᵀAᵢx − bᵢ)² by plain loops, with its gradient
// 4 Σ (xᵀAᵢx − bᵢ)·Aᵢx and its Hessian Σ 8·Aᵢx(Aᵢx)ᵀ + 4(xᵀAᵢx − bᵢ)·Aᵢ.
func sharp(in *operator.Instance, x []float64) (f float64, grad []float64, hess *mat.SymDense) {
	d, _, m := in.Operator.Dims()
	grad, hess = make([]float64, d), mat.NewSymDense(d, nil)
	for n := range m {
		a, ax, res := in.Operator.Matrix(n), make([]float64, d), -in.B[n]
		for i := range d {
			for j := range d {
				ax[i] += a.At(i, j) * x[j]
			}
			res += x[i] * ax[i]
		}
		f += res * res
		for i := range d {
			grad[i] += 4 * res * ax[i]
			for j := range i + 1 {
				hess.SetSym(i, j, hess.At(i, j)+8*ax[i]*ax[j]+4*res*a.At(i, j))
			}
		}
	}
	return f, grad, hess
}

func eigenvalues(a mat.Symmetric) []float64 {
	var e mat.EigenSym
	e.Factorize(a, false)
	return e.Values(nil) // ascending
}

// form is 𝒜*𝒜 on symmetric matrices, in an orthonormal basis of them.
func form(in *operator.Instance) *mat.SymDense {
	d, _, m := in.Operator.Dims()
	n := d * (d + 1) / 2
	a := mat.NewDense(m, n, nil)
	for i := range m {
		row, k := in.Operator.Matrix(i), 0
		for p := range d {
			for q := range p {
				a.Set(i, k, (row.At(p, q)+row.At(q, p))/math.Sqrt2)
				k++
			}
			a.Set(i, k, row.At(p, p))
			k++
		}
	}
	var g mat.SymDense
	g.SymOuterK(1, a.T())
	return &g
}

func point(x *lr.Factors) []float64 { return flatten(x.U) }

func flatten(a *mat.Dense) []float64 {
	r, c := a.Dims()
	out := make([]float64, 0, r*c)
	for i := range r {
		out = append(out, a.RawRowView(i)...)
	}
	return out
}

// TestCounterexampleVectors compares the family with an independent
// implementation.
func TestCounterexampleVectors(t *testing.T) {
	data, err := os.ReadFile("testdata/counterexample.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name         string
		Epsilon      float64
		As           [][][]float64
		Z            [][]float64
		X            []float64
		Value        float64
		ValueAtTruth float64   `json:"value_at_truth"`
		Grad         []float64 `json:"grad_x"`
		Dir          []float64 `json:"dir_x"`
		Hvp          []float64 `json:"hvp_x"`
		Hessian      []float64 `json:"hessian_eigenvalues"`
		Form         []float64 `json:"form_eigenvalues"`
		Delta        float64   `json:"rip_delta"`
		CurveT       []float64 `json:"curve_t"`
		CurveValue   []float64 `json:"curve_value"`
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) != 3 {
		t.Fatalf("%d cases, want 3", len(cases))
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			in := instance(t, operator.Counterexample{Epsilon: c.Epsilon})
			for i, a := range c.As {
				near(t, "A", flatten(in.Operator.Matrix(i)), flat(a))
			}
			near(t, "zzᵀ", flatten(in.Truth.Dense()), flat(c.Z))
			near(t, "x̂", point(in.Spurious), c.X)
			f, grad, hess := sharp(in, c.X)
			zero, _, _ := sharp(in, point(in.Truth))
			near(t, "f(x̂), f(z), δ", []float64{f, zero, in.Delta, in.Value}, []float64{c.Value, c.ValueAtTruth, c.Delta, c.Value})
			near(t, "∇f(x̂)", grad, c.Grad)
			var hvp mat.VecDense
			hvp.MulVec(hess, mat.NewVecDense(2, c.Dir))
			near(t, "∇²f(x̂)d", hvp.RawVector().Data, c.Hvp)
			near(t, "eigenvalues of ∇²f(x̂)", eigenvalues(hess), c.Hessian)
			near(t, "eigenvalues of 𝒜*𝒜", eigenvalues(form(in)), c.Form)
			for k, s := range c.CurveT { // the path that falls most: x₂² = ½ − 2x₁²
				f, _, _ := sharp(in, []float64{s, math.Sqrt(0.5 - 2*s*s)})
				near(t, "f along the way down", []float64{f, f}, []float64{c.CurveValue[k], 1.5 - 6*math.Pow(s, 4)})
			}
		})
	}
}

// TestCounterexample checks all that an instance says of itself, in every
// dimension and basis.
func TestCounterexample(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := operator.Counterexample{
			Epsilon: rapid.Float64Range(-2.9, 3).Draw(t, "ε"), D: rapid.IntRange(2, 7).Draw(t, "d"),
			Rotate: rapid.Bool().Draw(t, "rotate"), Seed: rapid.Uint64().Draw(t, "seed"),
		}
		in, err := c.New()
		if err != nil {
			t.Fatal(err)
		}
		spectrum := eigenvalues(form(in))
		low, high := in.Scale*spectrum[0], in.Scale*spectrum[len(spectrum)-1]
		if math.Abs(low-(1-in.Delta)) > 1e-12 || math.Abs(high-(1+in.Delta)) > 1e-12 {
			t.Fatalf("scaled eigenvalues lie in [%v, %v], want [1−δ, 1+δ] with δ = %v", low, high, in.Delta)
		}
		if e := c.Epsilon; e >= -2 && math.Abs(in.Delta-max(0.5, (2+e)/(4+e))) > 1e-15 {
			t.Fatalf("δ = %v at ε = %v", in.Delta, e)
		}
		f, grad, hess := sharp(in, point(in.Spurious))
		if math.Abs(f-1.5) > 1e-12 || mat.Norm(mat.NewVecDense(c.D, grad), 2) > 1e-12 {
			t.Fatalf("at x̂ f = %v and ∇f = %v", f, grad)
		}
		e := mat.NewVecDense(c.D, point(in.Escape))
		if got := mat.Inner(e, hess, e); math.Abs(got-2*c.Epsilon) > 1e-12 {
			t.Fatalf("the curvature along Escape is %v, want 2ε = %v", got, 2*c.Epsilon)
		}
		x := mat.NewVecDense(c.D, point(in.Spurious))
		if got := mat.Inner(x, hess, x) * 2; math.Abs(got-8) > 1e-12 { // |x̂|² = ½
			t.Fatalf("the curvature along x̂ is %v, want 8", got)
		}
		checkBeyond(t, c, eigenvalues(hess))
		if zero, _, _ := sharp(in, point(in.Truth)); zero > 1e-24 {
			t.Fatalf("f(z) = %v", zero)
		}
	})
}

// checkBeyond takes 2ε and 8 from the Hessian's eigenvalues: what is left lies
// in [2, 6].
func checkBeyond(t *rapid.T, c operator.Counterexample, h []float64) {
	for _, known := range []float64{2 * c.Epsilon, 8} {
		k := slices.IndexFunc(h, func(v float64) bool { return math.Abs(v-known) < 1e-10 })
		if k < 0 {
			t.Fatalf("the Hessian's eigenvalues are %v, want %v among them", h, known)
		}
		h = slices.Delete(h, k, k+1)
	}
	for _, v := range h {
		if v < 2-1e-10 || v > 6+1e-10 {
			t.Fatalf("beyond the second dimension the Hessian has the eigenvalue %v, want [2, 6]", v)
		}
	}
}

// The bound of δ holds on random matrices of rank 2, and two of rank 2 attain it.
func TestCounterexampleIsometry(t *testing.T) {
	const seed = 5
	rng := lr.Stream(seed, "isometry")
	for _, eps := range []float64{-1, 0, 0.2} {
		in := instance(t, operator.Counterexample{Epsilon: eps, D: 5, Rotate: true, Seed: 3})
		d, _, m := in.Operator.Dims()
		e, out := in.Operator.NewEval(), make([]float64, m)
		ratio := func(x, y *mat.Dense) float64 {
			var full mat.Dense
			full.Mul(x, y.T())
			e.Apply(out, x, y, nil)
			return in.Scale * mat.Dot(mat.NewVecDense(m, out), mat.NewVecDense(m, out)) / math.Pow(mat.Norm(&full, 2), 2)
		}
		for range 500 {
			u := lr.NormalMatrix(rng, d, 2)
			var v mat.Dense
			v.CloneFrom(u)
			if rng.IntN(2) == 0 { // indefinite
				for i := range d {
					v.Set(i, 1, -v.At(i, 1))
				}
			}
			if r := ratio(u, &v); math.Abs(r-1) > in.Delta+1e-12 {
				t.Fatalf("ε = %v, seed %d: ‖𝒜(M)‖²/‖M‖² is %v after scaling, δ = %v", eps, seed, r, in.Delta)
			}
		}
		z, x := in.Truth.U, in.Spurious.U
		var left, plus, minus mat.Dense
		plus.Augment(z, x)
		plus.Apply(func(_, j int, v float64) float64 { return v * []float64{1, math.Sqrt2}[j] }, &plus) // [e₁, e₂]
		left.CloneFrom(&plus)
		minus.Apply(func(_, j int, v float64) float64 { return v * []float64{1, -1}[j] }, &plus)
		near(t, "the least ratio, of e₁e₁ᵀ − e₂e₂ᵀ", []float64{ratio(&left, &minus)}, []float64{1 - in.Delta})
		var swapped mat.Dense
		swapped.Augment(plus.ColView(1).(*mat.VecDense), plus.ColView(0).(*mat.VecDense))
		most := max(ratio(&left, &plus), ratio(&left, &swapped)) // I, e₁e₂ᵀ + e₂e₁ᵀ
		near(t, "the largest ratio", []float64{most}, []float64{1 + in.Delta})
	}
}

// The spurious point attracts for ε > 0 and lets go for ε < 0.
func TestCounterexampleNeighbourhood(t *testing.T) {
	rng := lr.Stream(7, "neighbourhood")
	for _, eps := range []float64{-0.1, 0.1} {
		in := instance(t, operator.Counterexample{Epsilon: eps, D: 4, Rotate: true, Seed: 1})
		lower := 0
		for range 400 {
			x := point(in.Spurious)
			for i := range x {
				x[i] += 1e-3 * rng.NormFloat64()
			}
			if f, _, _ := sharp(in, x); f < 1.5 {
				lower++
			}
		}
		if (lower > 0) != (eps < 0) {
			t.Errorf("ε = %v: %d of 400 points around x̂ are lower", eps, lower)
		}
	}
}

func TestCounterexampleErrors(t *testing.T) {
	for _, c := range []struct {
		in   operator.Counterexample
		kind error
		says []string
	}{
		{operator.Counterexample{D: 1}, lr.ErrShape, []string{"D = 1", "at least 2"}},
		{operator.Counterexample{D: -2}, lr.ErrShape, []string{"D = -2"}},
		{operator.Counterexample{Epsilon: -3}, lr.ErrValue, []string{"Epsilon = -3", "above −3"}},
		{operator.Counterexample{Epsilon: math.NaN()}, lr.ErrValue, []string{"NaN"}},
		{operator.Counterexample{Epsilon: math.Inf(1)}, lr.ErrValue, []string{"+Inf"}},
		{operator.Counterexample{D: 10_000}, lr.ErrValue, []string{"10000×10000", "accepted"}},
	} {
		_, err := c.in.New()
		if !errors.Is(err, c.kind) {
			t.Errorf("%+v: the error is %v; want one that wraps %q", c.in, err, c.kind)
			continue
		}
		for _, s := range c.says {
			if !strings.Contains(err.Error(), s) {
				t.Errorf("%q does not say %q", err, s)
			}
		}
	}
}
