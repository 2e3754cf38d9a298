package landscape_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// odd is a small factorisation, perhaps weighted, symmetric or balanced, with
// data and a point of unusual sizes.
type odd struct {
	seed                uint64
	d1, d2, r           int
	data, point         float64 // their sizes
	symmetric, balanced bool
	zeros               int // columns of the point that are 0
	products            int
}

func (o odd) make() (lr.Problem, *lr.Factors, error) {
	rng := rand.New(rand.NewPCG(o.seed, 2))
	a := lr.NormalMatrix(rng, o.d1, o.d2)
	a.Scale(o.data, a)
	var p lr.Problem
	p, err := problem.Factorisation{A: a, Rank: o.r, Symmetric: o.symmetric}.New()
	if err == nil && o.balanced && !o.symmetric {
		p, err = problem.Balance{Of: p, Mu: 0.5}.New()
	}
	if err != nil {
		return nil, nil, err
	}
	x := lr.NewPoint(p)
	for _, m := range []*mat.Dense{x.U, x.V} {
		if m != nil {
			m.Apply(func(_, k int, _ float64) float64 {
				if v := rng.NormFloat64(); k >= o.zeros {
					return o.point * v
				}
				return 0
			}, m)
		}
	}
	return p, x, nil
}

// check certifies and holds what is said against the dense spectrum.
func (o odd) check(t interface {
	Fatalf(format string, args ...any)
}) {
	p, x, err := o.make()
	if err != nil {
		if !errors.Is(err, lr.ErrValue) && !errors.Is(err, lr.ErrRank) && !errors.Is(err, lr.ErrShape) {
			t.Fatalf("%+v: %v", o, err)
		}
		return
	}
	c, err := landscape.Certify(context.Background(), p, x, &landscape.Options{Products: o.products, Seed: o.seed})
	if err != nil {
		if !errors.Is(err, lr.ErrValue) {
			t.Fatalf("%+v: %v", o, err)
		}
		return
	}
	_, _, _ = c.String(), c.HTML(), c.Flat()
	if _, err := c.MarshalJSON(); err != nil {
		t.Fatalf("%+v: %v", o, err)
	}
	all, err := landscape.HessianEigenvalues(context.Background(), p, x)
	if err != nil {
		return
	}
	size := math.Max(-all[0], all[len(all)-1])
	k := c.Curvature
	if k.Value < all[0]-1e-9*size || k.Largest > all[len(all)-1]+1e-9*size || !(k.Residual <= 2*size) {
		t.Fatalf("%+v: %g … %g, residual %g; the spectrum is %g … %g", o, k.Value, k.Largest, k.Residual, all[0], all[len(all)-1])
	}
	near := math.Inf(1)
	for _, v := range all {
		near = math.Min(near, math.Abs(v-k.Value))
	}
	if near > k.Residual+1e-9*size {
		t.Fatalf("%+v: no eigenvalue within %g of %g", o, k.Residual, k.Value)
	}
	if c.Deflated == 0 && k.Lower > all[0]+1e-6*size {
		t.Fatalf("%+v: the bound %g is above λmin = %g", o, k.Lower, all[0])
	}
	if c.Rigorous && c.Verdict == landscape.NegativeCurvature && !(all[0] <= -c.Gamma*(1-1e-9)) {
		t.Fatalf("%+v: negative curvature is proven, and λmin is %g", o, all[0])
	}
}

// TestCertifyOdd: sizes from 1×1, ranks up to the smaller side, columns of zeros,
// data and points from tiny to huge: errors wrap the sentinels, and what is
// proven is so.
func TestCertifyOdd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d1, d2 := rapid.IntRange(1, 6).Draw(t, "d1"), rapid.IntRange(1, 6).Draw(t, "d2")
		symmetric := rapid.Bool().Draw(t, "symmetric")
		if symmetric {
			d2 = d1
		}
		r := rapid.IntRange(1, min(d1, d2)).Draw(t, "r")
		odd{
			seed: rapid.Uint64().Draw(t, "seed"), d1: d1, d2: d2, r: r, symmetric: symmetric,
			balanced: rapid.Bool().Draw(t, "balanced"), zeros: rapid.IntRange(0, r).Draw(t, "zeros"),
			data:     math.Pow(10, rapid.Float64Range(-40, 40).Draw(t, "log data")),
			point:    math.Pow(10, rapid.Float64Range(-40, 40).Draw(t, "log point")),
			products: rapid.IntRange(2, 80).Draw(t, "products"),
		}.check(t)
	})
}

func FuzzCertify(f *testing.F) {
	f.Add(uint64(1), uint8(3), uint8(2), uint8(1), 1.0, 1.0, uint8(0), uint8(0), int16(60))
	f.Add(uint64(2), uint8(1), uint8(1), uint8(1), 1e200, 1e-200, uint8(1), uint8(1), int16(2))
	f.Add(uint64(3), uint8(5), uint8(5), uint8(5), 1e-300, 1e150, uint8(2), uint8(3), int16(0))
	f.Add(uint64(4), uint8(4), uint8(3), uint8(3), 0.0, 0.0, uint8(0), uint8(4), int16(7))
	f.Add(uint64(5), uint8(4), uint8(3), uint8(2), math.NaN(), math.Inf(1), uint8(0), uint8(4), int16(7))
	f.Fuzz(func(t *testing.T, seed uint64, d1, d2, r uint8, data, point float64, zeros, kind uint8, products int16) {
		o := odd{
			seed: seed, d1: 1 + int(d1%6), d2: 1 + int(d2%6), r: 1 + int(r%6), data: data, point: point,
			symmetric: kind&1 != 0, balanced: kind&2 != 0, zeros: int(zeros % 7), products: int(products),
		}
		if o.symmetric {
			o.d2 = o.d1
		}
		if p, x, err := o.make(); err == nil && lr.CheckPoint(p, x) == nil && o.products >= 0 && o.products != 1 {
			o.check(t)
		}
	})
}
