package solver

import (
	"math"
	"math/rand/v2"

	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
)

// spare is how many columns a sketch has beyond the rank.
const spare = 5

// sketch finds the leading singular triplets of the matrix R that a sieve
// separates, by subspace iteration: each gram pass multiplies its basis by RᵀR.
// Its matrices are held by columns.
type sketch struct {
	sieve *sieve
	q     int       // columns
	z     []float64 // d2×q, orthonormal
	rz    []float64 // d1×q: RZ, then an orthonormal basis of it
	g     []float64 // d2×q: RᵀRZ
	t     []float64 // q×q: the triangle of RZ
	svd   *linalg.Jacobi
	coef  []float64
}

func newSketch(s *sieve, q int) *sketch {
	return &sketch{
		sieve: s, q: q, z: make([]float64, q*s.d2), rz: make([]float64, q*s.d1), g: make([]float64, q*s.d2),
		t: make([]float64, q*q), svd: linalg.NewJacobi(q), coef: make([]float64, q),
	}
}

// draw takes a random basis.
func (k *sketch) draw(rng *rand.Rand) {
	for i := range k.g {
		k.g[i] = rng.NormFloat64()
	}
	k.turn()
}

// gram reads the data once.
func (k *sketch) gram() { k.sieve.pass(k.q, k.z, nil, k.rz, k.g) }

// turn takes RᵀRZ as the next basis.
func (k *sketch) turn() {
	copy(k.z, k.g)
	linalg.ThinQR(k.z, k.sieve.d2, k.q, 0, nil)
	linalg.Fill(k.z, k.sieve.d2, k.q)
}

// decompose finds the singular triplets of RZ.
func (k *sketch) decompose() {
	linalg.ThinQR(k.rz, k.sieve.d1, k.q, 0, k.t)
	for c := range k.q {
		col := k.svd.Column(c)
		for i := range col {
			col[i] = k.t[i*k.q+c]
		}
	}
	k.svd.Factorize()
}

// settled reports whether the first n singular vectors v are those of R but for
// a twentieth, ‖RᵀRv − σ²v‖ ≤ σ²/20: the steps to come do the rest.
func (k *sketch) settled(n int) bool {
	d := k.sieve.d2
	for c := range min(n, k.q) {
		sigma, _, j := k.svd.Triplet(c)
		var off float64
		for i := range d {
			var g, v float64
			for m, w := range j {
				g += float64(w * k.g[m*d+i])
				v += float64(w * k.z[m*d+i])
			}
			e := g - float64(sigma*sigma*v)
			off += float64(e * e)
		}
		if !(math.Sqrt(off) <= sigma*sigma/20) {
			return false
		}
	}
	return true
}

// value is the c-th largest singular value, from 0; 0 beyond the sketch.
func (k *sketch) value(c int) float64 {
	if c >= k.q {
		return 0
	}
	sigma, _, _ := k.svd.Triplet(c)
	return sigma
}

// left sets the first n columns of u to the left singular vectors.
func (k *sketch) left(u []float64, n int) {
	for c := range n {
		sigma, w, _ := k.svd.Triplet(c)
		scaleTo(k.coef, w, sigma)
		linalg.Combine(u[c*k.sieve.d1:(c+1)*k.sieve.d1], k.rz, k.coef)
	}
	orthonormal(u, k.sieve.d1, n)
}

// right sets the first n columns of v to the right singular vectors.
func (k *sketch) right(v []float64, n int) {
	for c := range n {
		_, _, j := k.svd.Triplet(c)
		linalg.Combine(v[c*k.sieve.d2:(c+1)*k.sieve.d2], k.z, j)
	}
	orthonormal(v, k.sieve.d2, n)
}

// scaleTo sets dst = x/size, or 0 for a size of 0.
func scaleTo(dst, x []float64, size float64) {
	for i, v := range x {
		dst[i] = 0
		if size > 0 {
			dst[i] = v / size
		}
	}
}

// orthonormal takes the rounding errors off n columns of length d that are all
// but orthonormal; those that are 0, of singular value 0, become any that fit.
func orthonormal(a []float64, d, n int) {
	linalg.ThinQR(a, d, n, 0, nil)
	linalg.Fill(a, d, n)
}
