package rigid

import (
	"context"

	"gonum.org/v1/gonum/mat"
)

// gauge projects away from the numbers w = Lᵀδv of δV = VG, over all r×r matrices
// G. It keeps the Gram matrix of the r² of them that have a single entry in G, in r⁴
// numbers, and not the vectors.
type gauge struct {
	f    *frame
	gram mat.Cholesky
	b, c *mat.VecDense // r²
	d    []float64     // r
}

// newGauge takes r⁴/2 flops for each column, and r⁶/3.
func newGauge(ctx context.Context, f *frame) (*gauge, error) {
	r := f.r
	n := r * r
	g := &gauge{f: f, b: mat.NewVecDense(n, nil), c: mat.NewVecDense(n, nil), d: make([]float64, r)}
	pairs, err := g.pairs(ctx)
	if err != nil {
		return nil, err
	}
	gram := mat.NewSymDense(n, nil)
	for a := range n {
		for b := a; b < n; b++ {
			// δv = v[p]·e_q and v[s]·e_t have the product Σ v[p]v[s](LLᵀ)[q, t]
			gram.SetSym(a, b, pairs.At(pair(a/r, b/r), pair(a%r, b%r)))
		}
	}
	if !g.gram.Factorize(gram) {
		return nil, ErrDependent
	}
	return g, nil
}

// pair numbers the unordered pairs.
func pair(p, q int) int {
	if p < q {
		p, q = q, p
	}
	return p*(p+1)/2 + q
}

// pairs is Σ v[p]v[s]·(LLᵀ)[q, t] over the columns, for all pairs (p, s) and (q, t),
// by matrix products of so many columns at a time.
func (g *gauge) pairs(ctx context.Context) (*mat.Dense, error) {
	const chunk = 256
	f, r := g.f, g.f.r
	k := r * (r + 1) / 2
	sum := mat.NewDense(k, k, nil)
	x, y := mat.NewDense(k, chunk, nil), mat.NewDense(chunk, k, nil)
	var part mat.Dense
	for lo := 0; lo < len(f.g.Cols); lo += chunk {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		x.Zero()
		y.Zero()
		for j := lo; j < min(lo+chunk, len(f.g.Cols)); j++ {
			v, l := f.v[j*r:j*r+r], f.cols.chol[j*r*r:(j+1)*r*r]
			for p := range r {
				for q := range p + 1 {
					x.Set(pair(p, q), j-lo, v[p]*v[q])
					y.Set(j-lo, pair(p, q), dot(l[p*r:p*r+q+1], l[q*r:q*r+q+1]))
				}
			}
		}
		part.Mul(x, y)
		sum.Add(sum, &part)
	}
	return sum, nil
}

// away takes out of w what it has of the gauge; 8r² flops a column.
func (g *gauge) away(w []float64) {
	g.products(w)
	// An error only says that the condition number is large; away is done twice.
	_ = g.gram.SolveVecTo(g.c, g.b)
	g.subtract(w)
}

// products sets b to the products of w with the gauge, Σ v[p]·(Lw)[q].
func (g *gauge) products(w []float64) {
	r, b := g.f.r, g.b.RawVector().Data
	clear(b)
	for j := range g.f.g.Cols {
		v, l, x := g.f.v[j*r:j*r+r], g.f.cols.chol[j*r*r:(j+1)*r*r], w[j*r:j*r+r]
		for q := range r {
			g.d[q] = dot(l[q*r:q*r+q+1], x)
		}
		for p, c := range v {
			addScaled(b[p*r:p*r+r], c, g.d)
		}
	}
}

// subtract takes Lᵀ(Σ c[p, q] v[p] e_q) from w.
func (g *gauge) subtract(w []float64) {
	r, c := g.f.r, g.c.RawVector().Data
	for j := range g.f.g.Cols {
		v, l, x := g.f.v[j*r:j*r+r], g.f.cols.chol[j*r*r:(j+1)*r*r], w[j*r:j*r+r]
		clear(g.d)
		for p, s := range v {
			addScaled(g.d, s, c[p*r:p*r+r])
		}
		for q := range r {
			addScaled(x[:q+1], -g.d[q], l[q*r:q*r+q+1])
		}
	}
}
