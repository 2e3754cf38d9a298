package solver

import (
	"math/rand/v2"

	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/loops"
)

// topSVD finds the r largest singular triplets of an n1×n2 matrix W by subspace
// iteration from a random sketch of r+8 columns (Halko, Martinsson, Tropp 2011,
// arXiv:0909.4061, algorithms 4.4 and 5.1), as [linalg.RandomSVD] does, in
// memory of its own. It costs 16·n1·n2·(r+8) flops.
type topSVD struct {
	n1, n2, r, k int
	w            []float64 // n1×n2, row by row
	left, right  []float64 // k×n1 and k×n2; right has rows of 0 up to a multiple of 4
	t            []float64 // k×k
	small        *linalg.Jacobi

	sigma []float64 // r values, descending; 0 where W has a lower rank
	p, q  []float64 // r×n1 and r×n2, and rows of 0 up to a multiple of 4: singular vectors
}

const (
	topOversample = 8 // columns of the sketch beyond the rank
	topPower      = 3 // rounds of subspace iteration
)

// ceil4 is n rounded up to a multiple of 4.
func ceil4(n int) int { return (n + 3) / 4 * 4 }

func newTopSVD(n1, n2, r int) *topSVD {
	k := min(r+topOversample, n1, n2)
	return &topSVD{
		n1: n1, n2: n2, r: r, k: k, w: make([]float64, n1*n2),
		left: make([]float64, k*n1), right: make([]float64, ceil4(k)*n2),
		t: make([]float64, k*k), small: linalg.NewJacobi(k),
		sigma: make([]float64, r), p: make([]float64, ceil4(r)*n1), q: make([]float64, ceil4(r)*n2),
	}
}

// row is row i of W, to be written to before factorise.
func (s *topSVD) row(i int) []float64 { return s.w[i*s.n2 : (i+1)*s.n2] }

// factorise sets sigma, p and q.
func (s *topSVD) factorise(rng *rand.Rand) {
	for i := range s.right[:s.k*s.n2] {
		s.right[i] = rng.NormFloat64()
	}
	for range topPower {
		s.times()
		linalg.ThinQR(s.left, s.n1, s.k, 0, nil)
		s.transposed()
		linalg.ThinQR(s.right, s.n2, s.k, 0, s.t)
	}
	for c := range s.k { // W ≈ left·Tᵀ·rightᵀ
		copy(s.small.Column(c), s.t[c*s.k:(c+1)*s.k])
	}
	s.small.Factorize()
	clear(s.p)
	clear(s.q)
	for m := range min(s.r, s.k) {
		sigma, a, b := s.small.Triplet(m)
		s.sigma[m] = sigma
		if sigma == 0 {
			continue
		}
		p, q := s.p[m*s.n1:(m+1)*s.n1], s.q[m*s.n2:(m+1)*s.n2]
		for c := range s.k {
			loops.AddScaled(p, a[c]/sigma, s.left[c*s.n1:(c+1)*s.n1])
			loops.AddScaled(q, b[c], s.right[c*s.n2:(c+1)*s.n2])
		}
	}
}

// times sets left = (W·right)ᵀ for the k rows of right as columns.
func (s *topSVD) times() {
	var four [4]float64
	for i := range s.n1 {
		for c := 0; c < s.k; c += 4 {
			loops.Dot4(&four, s.right[c*s.n2:], s.n2, s.row(i))
			for m, v := range four[:min(4, s.k-c)] {
				s.left[(c+m)*s.n1+i] = v
			}
		}
	}
}

// transposed sets right = (Wᵀ·left)ᵀ.
func (s *topSVD) transposed() {
	for c := range s.k {
		addRows(s.right[c*s.n2:(c+1)*s.n2], s.left[c*s.n1:(c+1)*s.n1], s.w, s.n2)
	}
}

// addRows sets y = Σ_i c[i]·a[i·stride : i·stride+len(y)].
func addRows(y, c, a []float64, stride int) {
	clear(y)
	i := 0
	for ; i+4 <= len(c); i += 4 {
		loops.AddScaled4(y, (*[4]float64)(c[i:]), a[i*stride:], stride)
	}
	for ; i < len(c); i++ {
		loops.AddScaled(y, c[i], a[i*stride:i*stride+len(y)])
	}
}
