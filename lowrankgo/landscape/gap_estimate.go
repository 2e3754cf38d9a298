package landscape

import (
	"context"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"gonum.org/v1/gonum/mat"
)

// The norm of a large ∇f is estimated from gapBlock random starts at once, since
// a product with a few columns costs little more than one with one. gapEpsilon is
// the ε for which enough steps are taken, gapFailure what the estimate may fail
// with.
const (
	gapBlock   = 4
	gapEpsilon = 0.1
	gapFailure = 1e-9
)

// gapFails bounds the probability that the estimate is below the norm. For one
// random start in n dimensions the largest Ritz value ξ that k Lanczos steps find
// of a positive semidefinite matrix, with largest eigenvalue λ, satisfies
//
//	P(ξ < (1−ε)λ) ≤ 1.648·√n·exp(−√ε(2k−1))
//
// whatever the other eigenvalues are (Kuczyński, Woźniakowski 1992, SIAM J.
// Matrix Anal. Appl. 13:1094, Theorem 4.2). Several starts see at least what each
// of them would see, and are independent: the probabilities multiply.
func gapFails(n, k int) float64 {
	one := 1.648 * math.Sqrt(float64(n)) * math.Exp(-math.Sqrt(gapEpsilon)*float64(2*k-1))
	return math.Pow(min(1, one), gapBlock)
}

// gapSteps is the least k for which that is at most gapFailure.
func gapSteps(n int) int {
	k := 1
	for gapFails(n, k) > gapFailure {
		k++
	}
	return k
}

// estimate raises the largest singular value that gapSteps steps find by
// 1/√(1−ε). The steps are Lanczos' for GᵀG or GGᵀ, whichever is smaller, so that
// gapFails is for their square.
func (g *matrixGradient) estimate(ctx context.Context, out *Gap, seed uint64) error {
	n := min(g.d1, g.d2)
	k := gapSteps(n)
	sigma, err := g.bidiagonal(ctx, k, seed)
	if err != nil {
		return err
	}
	out.Spectral = sigma / math.Sqrt(1-gapEpsilon)
	out.Failure = gapFails(n, k)
	return nil
}

// bidiagonal takes k steps of the block Golub–Kahan process with full
// reorthogonalisation,
//
//	G·[V₁, …, V_k] = [U₁, …, U_k]·T,  V_{j+1} from what Gᵀ·U_j adds to V₁ … V_j
//
// and returns the largest singular value of T. V₁ spans independent directions,
// uniform on the sphere. Where the space is exhausted columns become 0, and more
// steps change nothing. It looks at ctx before each product.
func (g *matrixGradient) bidiagonal(ctx context.Context, k int, seed uint64) (float64, error) {
	const b = gapBlock
	short, long, trans := g.d2, g.d1, false
	if g.d1 < g.d2 {
		short, long, trans = g.d1, g.d2, true
	}
	vs, us := make([]float64, short*k*b), make([]float64, long*k*b)
	rng := lr.Stream(seed, "spectral norm of the matrix gradient")
	for i := range vs[:short*b] {
		vs[i] = rng.NormFloat64()
	}
	linalg.ThinQR(vs, short, b, 0, nil)
	t := mat.NewDense(k*b, k*b, nil)
	for j := range k {
		if err := g.product(ctx, us[j*long*b:(j+1)*long*b], trans, vs[j*short*b:(j+1)*short*b]); err != nil {
			return 0, err
		}
		m := (j + 1) * b
		here := make([]float64, m*m)
		linalg.ThinQR(us, long, m, j*b, here)
		for i := range m {
			copy(t.RawRowView(i)[j*b:m], here[i*m+j*b:(i+1)*m])
		}
		if j == k-1 {
			break
		}
		if err := g.product(ctx, vs[m*short:(m+b)*short], !trans, us[j*long*b:m*long]); err != nil {
			return 0, err
		}
		linalg.ThinQR(vs, short, m+b, m, nil)
	}
	return g.scale * largestSingular(t), nil
}

// product sets dst = G·z/scale, or Gᵀ·z/scale when trans, for columns that are
// each contiguous. The first product sets the scale, so that squares are in
// range.
func (g *matrixGradient) product(ctx context.Context, dst []float64, trans bool, z []float64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	in, out := mat.NewDense(len(z)/gapBlock, gapBlock, nil), mat.NewDense(len(dst)/gapBlock, gapBlock, nil)
	for c := range gapBlock {
		in.SetCol(c, z[c*len(z)/gapBlock:(c+1)*len(z)/gapBlock])
	}
	g.eval.MulGrad(out, trans, g.x, in)
	if g.scale == 0 {
		g.scale = max(mat.Max(out), -mat.Min(out))
	}
	if g.scale == 0 {
		g.scale = 1 // all is 0
	}
	for c := range gapBlock {
		col := dst[c*len(dst)/gapBlock : (c+1)*len(dst)/gapBlock]
		for i := range col {
			col[i] = out.At(i, c) / g.scale
		}
	}
	return nil
}

// largestSingular is what spectralNorm finds.
func largestSingular(m *mat.Dense) float64 {
	sigma, _ := spectralNorm(m)
	return sigma
}

// spectralNorm is the largest singular value of a matrix or, should its SVD not
// converge, the Frobenius norm, which is above it and not exact. That is also
// what a matrix gives that is not finite, for which an SVD panics.
func spectralNorm(m *mat.Dense) (sigma float64, exact bool) {
	frobenius := mat.Norm(m, 2)
	var svd mat.SVD
	if finite(frobenius) && svd.Factorize(m, mat.SVDNone) {
		return svd.Values(nil)[0], true
	}
	return frobenius, false
}
