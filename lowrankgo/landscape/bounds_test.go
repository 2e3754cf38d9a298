package landscape

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

func TestDistanceBoundsVectors(t *testing.T) {
	for _, c := range geometryCases(t, "identities_c.json", "lemma6") {
		b, err := DistanceBounds(rowsFactors(c.U, nil), rowsFactors(c.Ustar, nil))
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		vectorNear(t, c.Name+": σᵣ*", b.SigmaR, c.SigmaR)
		vectorNear(t, c.Name+": ‖Δ‖²", squared(b.Distance), c.DeltaNorm2)
		vectorNear(t, c.Name+": ‖ΔΔᵀ‖²", b.ProductBound.Left, c.Lhs1)
		vectorNear(t, c.Name+": 2‖E‖²", b.ProductBound.Right, c.Rhs1)
		vectorNear(t, c.Name+": σᵣ*‖Δ‖²", b.FactorBound.Left, c.Lhs2)
		vectorNear(t, c.Name+": ‖E‖²/(2(√2−1))", b.FactorBound.Right, c.Rhs2)
		if b.Unique != c.Unique {
			t.Errorf("%s: unique %t, want %t", c.Name, b.Unique, c.Unique)
		}
	}
}

// TestDistanceBoundsNaive compares the terms with dense matrices.
func TestDistanceBoundsNaive(t *testing.T) {
	for seed := range uint64(20) {
		rng := lr.Stream(seed, "naive")
		d1, d2 := 1+rng.IntN(8), 1+rng.IntN(8)
		r := 1 + rng.IntN(min(d1, d2))
		x, truth := normalFactors(rng, d1, d2, r), normalFactors(rng, d1, d2, r)
		b, err := DistanceBounds(x, truth)
		if err != nil {
			t.Fatal(err)
		}
		delta, w, near := stacked(b.Delta), stacked(x), stacked(b.Nearest)
		var dd, n, ns mat.Dense
		dd.Mul(delta, delta.T())
		n.Mul(w, w.T())
		ns.Mul(near, near.T())
		var eig mat.EigenSym
		sym := mat.NewSymDense(d1+d2, nil)
		for i := range d1 + d2 {
			for j := range i + 1 {
				sym.SetSym(i, j, ns.At(i, j))
			}
		}
		if !eig.Factorize(sym, false) {
			t.Fatal("no eigenvalues")
		}
		n.Sub(&n, &ns)
		vectorNear(t, "‖ΔΔᵀ‖²", b.Product2, squared(mat.Norm(&dd, 2)))
		vectorNear(t, "‖N − N*‖²", b.Error2, squared(mat.Norm(&n, 2)))
		vectorNear(t, "σᵣ(N*)", b.SigmaR, eig.Values(nil)[d1+d2-r])
	}
}

// TestDistanceBoundsHold looks at 10,000 random instances, of random sizes, many
// near the truth, of lower rank or orthogonal to it.
func TestDistanceBoundsHold(t *testing.T) {
	var product, factor float64
	for seed := range uint64(10000) {
		rng := lr.Stream(seed, "lemma 6")
		d := 1 + rng.IntN(6)
		r := 1 + rng.IntN(d)
		d2 := 0
		if seed%3 == 0 {
			d2 = r + rng.IntN(3)
		}
		x, truth := normalFactors(rng, d, d2, r), normalFactors(rng, d, d2, r)
		switch seed % 5 {
		case 1:
			x.Scale(math.Pow(10, -4*rng.Float64()))
			x.AddScaled(1, truth)
		case 2: // orthogonal and of another size
			x.Scale(0.65)
			for i := range d {
				for k := range r {
					if i < d/2 {
						x.U.Set(i, k, 0)
					} else {
						truth.U.Set(i, k, 0)
					}
				}
			}
		case 3:
			for i := range d {
				x.U.Set(i, r-1, 0)
			}
		}
		b, err := DistanceBounds(x, truth)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if !b.ProductBound.Holds(1e-10) || !b.FactorBound.Holds(1e-10) {
			t.Fatalf("seed %d: violated\n%v\n%v", seed, b.ProductBound, b.FactorBound)
		}
		product = math.Max(product, ratio(b.ProductBound))
		factor = math.Max(factor, ratio(b.FactorBound))
	}
	if product < 0.9 || factor < 0.85 {
		t.Errorf("the instances come only to %.3f and %.3f of the bounds", product, factor)
	}
}

func ratio(c Check) float64 {
	if c.Left == 0 {
		return 0
	}
	return c.Left / c.Right
}

// TestDistanceBoundsAdversary looks for violations by climbing: the best found
// are the extremes, and not above.
func TestDistanceBoundsAdversary(t *testing.T) {
	for _, size := range []struct{ d, r int }{{2, 1}, {3, 2}, {4, 2}} {
		n := size.d * size.r
		for name, of := range map[string]func(*DistanceBound) Check{
			"‖ΔΔᵀ‖²":  func(b *DistanceBound) Check { return b.ProductBound },
			"σᵣ*‖Δ‖²": func(b *DistanceBound) Check { return b.FactorBound },
		} {
			best, at := maximise(lr.Stream(1, name), 2*n, 6, 1500, func(v []float64) float64 {
				x := &lr.Factors{U: mat.NewDense(size.d, size.r, v[:n])}
				truth := &lr.Factors{U: mat.NewDense(size.d, size.r, v[n:])}
				b, err := DistanceBounds(x, truth)
				if err != nil || b.Error2 < 1e-9*squared(mat.Norm(truth.U, 2)) {
					return math.NaN()
				}
				return ratio(of(b))
			})
			if best > 1+1e-9 {
				t.Errorf("%s at %d×%d: ratio %v at %v", name, size.d, size.r, best, at)
			}
			if best < 0.93 {
				t.Errorf("%s at %d×%d: only %v found, the bound is attained", name, size.d, size.r, best)
			}
		}
	}
}

func TestDistanceBoundExtremes(t *testing.T) {
	for _, d := range []int{2, 3, 17} {
		x, truth, err := ProductExtreme(d)
		if err != nil {
			t.Fatal(err)
		}
		b, err := DistanceBounds(x, truth)
		if err != nil {
			t.Fatal(err)
		}
		vectorNear(t, "‖ΔΔᵀ‖²/‖E‖²", b.Product2/b.Error2, 2)
		if x, truth, err = FactorExtreme(d); err != nil {
			t.Fatal(err)
		}
		if b, err = DistanceBounds(x, truth); err != nil {
			t.Fatal(err)
		}
		vectorNear(t, "σᵣ*‖Δ‖²/‖E‖²", b.SigmaR*squared(b.Distance)/b.Error2, 1/(2*(math.Sqrt2-1)))
	}
	if _, _, err := ProductExtreme(1); !errors.Is(err, lr.ErrShape) {
		t.Errorf("ProductExtreme(1): %v", err)
	}
	if _, _, err := FactorExtreme(0); !errors.Is(err, lr.ErrShape) {
		t.Errorf("FactorExtreme(0): %v", err)
	}
}

// TestSpectralDistanceBoundsNaive compares with eigenvalues of dense matrices.
func TestSpectralDistanceBoundsNaive(t *testing.T) {
	rng := lr.Stream(1, "spectral")
	x, truth := normalFactors(rng, 5, 0, 2), normalFactors(rng, 5, 0, 2)
	product, factor, err := SpectralDistanceBounds(x, truth)
	if err != nil {
		t.Fatal(err)
	}
	a, err := Align(x, truth)
	if err != nil {
		t.Fatal(err)
	}
	var dd, e mat.Dense
	dd.Mul(a.Delta.U, a.Delta.U.T())
	e.Sub(x.Dense(), truth.Dense())
	spectral := func(m *mat.Dense) float64 {
		var f mat.SVD
		f.Factorize(m, mat.SVDNone)
		return f.Values(nil)[0]
	}
	vectorNear(t, "‖ΔΔᵀ‖₂²", product.Left, squared(spectral(&dd)))
	vectorNear(t, "2‖E‖₂²", product.Right, 2*squared(spectral(&e)))
	vectorNear(t, "σᵣ*‖Δ‖₂²", factor.Left, a.Sigma[1]*spectral(&dd))
	vectorNear(t, "‖E‖₂²/(2(√2 − 1))", factor.Right, squared(spectral(&e))/(2*(math.Sqrt2-1)))
}

func TestIncoherenceVectors(t *testing.T) {
	for _, c := range geometryCases(t, "operators_c.json", "incoherence") {
		m := rowsMatrix(c.M)
		got, err := Incoherence(m, c.Columns)
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		vectorNear(t, c.Name+": μ", got.Mu, c.Mu)
		vectorNear(t, c.Name+": rows", got.Left, c.MuRows)
		vectorNear(t, c.Name+": columns", got.Right, c.MuColumns)
		vectorNear(t, c.Name+": σ₁", got.Sigma[0], c.Sigma1)
		vectorNear(t, c.Name+": σᵣ", got.Sigma[c.Columns-1], c.SigmaR)
		vectorNear(t, c.Name+": max|M|", got.Largest, c.MaxEntry)
		vectorNear(t, c.Name+": bound", got.Bound, c.MaxEntryBound)
		if got.Largest > got.Bound*(1+1e-12) {
			t.Errorf("%s: an entry %v above the bound %v", c.Name, got.Largest, got.Bound)
		}
	}
}

// TestIncoherenceFactors: factors give what their product does.
func TestIncoherenceFactors(t *testing.T) {
	for seed := range uint64(40) {
		rng := lr.Stream(seed, "coherence")
		d1, d2 := 1+rng.IntN(9), 1+rng.IntN(9)
		if seed%4 == 0 {
			d2 = 0
		}
		r := 1 + rng.IntN(min(d1, cmp.Or(d2, d1)))
		x := normalFactors(rng, d1, d2, r)
		a, err := Incoherence(x, 0)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Incoherence(x.Dense(), r)
		if err != nil {
			t.Fatal(err)
		}
		if a.Rank != r || math.Abs(a.Mu-b.Mu) > 1e-8*b.Mu {
			t.Fatalf("seed %d, %d×%d, r = %d: factors %v, dense %v", seed, d1, d2, r, a, b)
		}
		if a.Mu < 1-1e-12 || a.Mu > float64(max(d1, d2))/float64(r)+1e-9 {
			t.Fatalf("seed %d: μ = %v outside [1, max(d1, d2)/r]", seed, a.Mu)
		}
	}
}

func TestIncoherenceInput(t *testing.T) {
	eye := mat.NewDense(3, 3, []float64{1, 0, 0, 0, 1, 0, 0, 0, 1})
	if c, err := Incoherence(eye, 1); err != nil || c.Unique {
		t.Errorf("rank 1 of I: unique %v, %v; σ₁ = σ₂", c, err)
	}
	if c, err := Incoherence(eye, 3); err != nil || !c.Unique || c.Mu != 1 {
		t.Errorf("rank 3 of I: %v, %v; want μ = 1", c, err)
	}
	for _, size := range []float64{1e200, 1e-200} { // scale does not matter
		x := normalFactors(lr.Stream(1, "scale"), 6, 4, 2)
		want, err := Incoherence(x, 0)
		if err != nil {
			t.Fatal(err)
		}
		x.Scale(size)
		if c, err := Incoherence(x, 0); err != nil || math.Abs(c.Mu-want.Mu) > 1e-10 {
			t.Errorf("factors of size %v: %v, %v; want %v", size, c, err, want)
		}
	}
	for name, c := range map[string]struct {
		m    mat.Matrix
		rank int
		want error
	}{
		"nil":          {nil, 1, lr.ErrEmpty},
		"0":            {mat.NewDense(2, 3, nil), 0, lr.ErrRank},
		"0 as factors": {lr.NewFactors(2, 3, 1), 0, lr.ErrRank},
		"rank 4 of 3":  {eye, 4, lr.ErrRank},
		"rank −1":      {eye, -1, lr.ErrRank},
		"NaN":          {mat.NewDense(1, 2, []float64{1, math.NaN()}), 1, lr.ErrValue},
		"infinite":     {mat.NewDense(1, 2, []float64{1, math.Inf(1)}), 1, lr.ErrValue},
		"no entries":   {&mat.Dense{}, 1, lr.ErrShape},
		"half factors": {&lr.Factors{}, 1, lr.ErrShape},
	} {
		if _, err := Incoherence(c.m, c.rank); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// Both constants of Lemma 6 are attained.
func ExampleDistanceBounds() {
	x, truth, err := ProductExtreme(3)
	if err != nil {
		fmt.Println(err)
		return
	}
	b, err := DistanceBounds(x, truth)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("‖ΔΔᵀ‖² = %.4f ‖M − M*‖²\n", b.Product2/b.Error2)

	if x, truth, err = FactorExtreme(3); err != nil {
		fmt.Println(err)
		return
	}
	if b, err = DistanceBounds(x, truth); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("σᵣ*‖Δ‖² = %.4f ‖M − M*‖²\n", b.SigmaR*b.Distance*b.Distance/b.Error2)
	// Output:
	// ‖ΔΔᵀ‖² = 2.0000 ‖M − M*‖²
	// σᵣ*‖Δ‖² = 1.2071 ‖M − M*‖²
}

// The norms of Lemma 6 are Frobenius norms: at U = e₁, U* = e₂ its first bound
// holds, and is attained, in these, and fails in spectral norms.
func ExampleSpectralDistanceBounds() {
	x, truth, err := ProductExtreme(2)
	if err != nil {
		fmt.Println(err)
		return
	}
	b, err := DistanceBounds(x, truth)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("Frobenius: %.0f ≤ %.0f is %t\n", b.ProductBound.Left, b.ProductBound.Right, b.ProductBound.Holds(1e-12))
	product, _, err := SpectralDistanceBounds(x, truth)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("spectral:  %.0f ≤ %.0f is %t\n", product.Left, product.Right, product.Holds(1e-12))
	// Output:
	// Frobenius: 4 ≤ 4 is true
	// spectral:  4 ≤ 2 is false
}

// A matrix with one large entry is as incoherent as can be; one of signs is not.
func ExampleIncoherence() {
	flat := mat.NewDense(4, 2, []float64{1, -1, -1, 1, 1, -1, 1, -1})
	spiky := mat.NewDense(4, 2, []float64{9, 0, 0, 0, 0, 0, 0, 0})
	for _, m := range []mat.Matrix{flat, spiky} {
		c, err := Incoherence(m, 1)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(c)
	}
	// Output:
	// incoherence μ = 1 at rank 1 (rows 1, columns 1)
	// incoherence μ = 4 at rank 1 (rows 4, columns 2)
}
