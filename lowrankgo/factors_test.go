package lowrankgo_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

func drawFactors(t *rapid.T) *lr.Factors {
	d1, r := rapid.IntRange(1, 7).Draw(t, "d1"), rapid.IntRange(1, 4).Draw(t, "r")
	rng := lr.Stream(rapid.Uint64().Draw(t, "seed"), "factors")
	x := &lr.Factors{U: lr.NormalMatrix(rng, d1, r)}
	if !rapid.Bool().Draw(t, "symmetric") {
		x.V = lr.NormalMatrix(rng, rapid.IntRange(1, 7).Draw(t, "d2"), r)
	}
	return x
}

// TestFactorsAsMatrix holds the lazy matrix to the product that gonum makes.
func TestFactorsAsMatrix(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawFactors(t)
		var want mat.Dense
		want.Mul(x.U, x.Right().T())
		if !mat.EqualApprox(x, &want, 1e-13) || !mat.EqualApprox(x.T(), want.T(), 1e-13) || !mat.EqualApprox(x.Dense(), &want, 1e-13) {
			t.Fatal("M is not UVᵀ")
		}
		d1, d2 := x.Dims()
		if w1, w2 := want.Dims(); d1 != w1 || d2 != w2 || x.Rank() != x.U.RawMatrix().Cols || x.Symmetric() != (x.V == nil) {
			t.Fatalf("%d×%d of rank %d, symmetric %t", d1, d2, x.Rank(), x.Symmetric())
		}
	})
}

// TestFactorsAsVectors holds the vector-space operations to their laws.
func TestFactorsAsVectors(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawFactors(t)
		y := x.Clone()
		if !y.Equal(x) || y.U == x.U {
			t.Fatal("a clone differs or shares memory")
		}
		y.Scale(-2)
		if math.Abs(y.Norm()-2*x.Norm()) > 1e-13*x.Norm() || math.Abs(y.Dot(x)+2*x.Dot(x)) > 1e-12*x.Dot(x) {
			t.Fatal("‖−2x‖ ≠ 2‖x‖ or ⟨−2x, x⟩ ≠ −2‖x‖²")
		}
		y.AddScaled(3, x)
		if e := mat.Norm(sub(y.U, x.U), 2); e > 1e-13*x.Norm() {
			t.Fatalf("−2x + 3x is %g from x", e)
		}
		y.CopyFrom(x)
		if !y.Equal(x) || !y.Finite() {
			t.Fatal("a copy differs or is not finite")
		}
		y.Right().Set(0, 0, math.Inf(-1))
		if y.Finite() || y.Equal(x) {
			t.Fatal("an infinity is not seen")
		}
	})
}

func sub(a, b mat.Matrix) *mat.Dense {
	var m mat.Dense
	m.Sub(a, b)
	return &m
}

// TestErrors checks both measures by loops, and that they stay right far below
// the rounding error of ‖M*‖².
func TestErrors(t *testing.T) {
	truth := &lr.Factors{U: lr.NormalMatrix(lr.Stream(1, "u"), 9, 2), V: lr.NormalMatrix(lr.Stream(1, "v"), 7, 2)}
	x := &lr.Factors{U: lr.NormalMatrix(lr.Stream(2, "u"), 9, 3), V: lr.NormalMatrix(lr.Stream(2, "v"), 7, 3)} // another rank
	e, size := mat.Norm(sub(x, truth), 2), mat.Norm(truth, 2)
	if got := lr.SqErr(x, truth); math.Abs(got-e*e) > 1e-12*e*e {
		t.Errorf("SqErr %g, want %g", got, e*e)
	}
	if got := lr.RelErr(x, truth); math.Abs(got-e/size) > 1e-12*e/size {
		t.Errorf("RelErr %g, want %g", got, e/size)
	}
	near := truth.Clone()
	near.U.Set(4, 1, near.U.At(4, 1)+1e-12)
	want := 1e-12 * mat.Norm(truth.V.ColView(1), 2)
	if got := math.Sqrt(lr.SqErr(near, truth)); math.Abs(got-want) > 1e-2*want {
		t.Errorf("at a distance of %g √SqErr is %g", want, got)
	}
}

func TestCheck(t *testing.T) {
	nan := lr.NewSymmetric(2, 1)
	nan.U.Set(0, 0, math.NaN())
	for name, c := range map[string]struct {
		x    *lr.Factors
		kind error
	}{
		"asymmetric":  {lr.NewFactors(3, 2, 1), nil},
		"symmetric":   {lr.NewSymmetric(3, 2), nil},
		"nil":         {nil, lr.ErrShape},
		"no U":        {&lr.Factors{V: mat.NewDense(1, 1, nil)}, lr.ErrShape},
		"empty V":     {&lr.Factors{U: mat.NewDense(1, 1, nil), V: &mat.Dense{}}, lr.ErrShape},
		"other ranks": {&lr.Factors{U: mat.NewDense(1, 1, nil), V: mat.NewDense(1, 2, nil)}, lr.ErrShape},
		"NaN":         {nan, lr.ErrValue},
	} {
		if err := c.x.Check(); !errors.Is(err, c.kind) {
			t.Errorf("%s: error %v, want %v", name, err, c.kind)
		}
	}
}

// Operations on factors that do not fit panic rather than read part of them.
func TestFactorsThatDoNotFit(t *testing.T) {
	x := lr.NewFactors(3, 2, 2)
	for what, y := range map[string]*lr.Factors{
		"rows": lr.NewFactors(4, 2, 2), "columns of V": lr.NewFactors(3, 3, 2),
		"rank": lr.NewFactors(3, 2, 1), "no V": lr.NewSymmetric(3, 2),
		"rank of V": {U: mat.NewDense(3, 2, nil), V: mat.NewDense(2, 3, nil)},
	} {
		for name, f := range map[string]func(){
			"CopyFrom": func() { x.CopyFrom(y) }, "AddScaled": func() { x.AddScaled(1, y) }, "Dot": func() { x.Dot(y) },
			"the other way": func() { y.CopyFrom(x) },
		} {
			if p := panicOf(f); !strings.HasPrefix(p, "lowrankgo: ") {
				t.Errorf("%s with another %s panics with %q", name, what, p)
			}
		}
		if x.Equal(y) || y.Equal(x) {
			t.Errorf("factors of another %s are equal", what)
		}
	}
	for _, f := range []func(){
		func() { lr.SqErr(x, lr.NewFactors(3, 4, 2)) }, func() { lr.RelErr(x, lr.NewFactors(4, 2, 2)) },
	} {
		if p := panicOf(f); !strings.HasPrefix(p, "lowrankgo: ") {
			t.Errorf("a truth of another shape panics with %q", p)
		}
	}
}

func panicOf(f func()) (text string) {
	defer func() {
		if p := recover(); p != nil {
			text = fmt.Sprint(p)
		}
	}()
	f()
	return "no panic"
}
