package krylov

import (
	"fmt"
	"math"

	"github.com/lowrankgo/lowrank/lowrankgo/internal/loops"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
	lapackgonum "gonum.org/v1/gonum/lapack/gonum"
)

// Lanczos finds the ends of the spectrum of a symmetric n×n matrix A, known by
// its products alone (Lanczos 1950; reorthogonalised against all vectors before,
// so that it is what exact arithmetic would give, up to rounding). After k steps
// it has an orthonormal basis Q of the Krylov space of its start and
// T = QᵀAQ, tridiagonal, whose eigenvalues are the Ritz values.
//
// It keeps n·k numbers; step k costs one product with A and 4nk flops, in fixed
// blocks: the same start, the same bits for any GOMAXPROCS.
//
// With a Project, the matrix is PAP on the range of P: the start and the products
// are projected, so that A's null vectors, or others, can be left out.
type Lanczos struct {
	// Project replaces x by Px, an orthogonal projection; nil is P = I. It is set
	// before Start.
	Project func(x []float64)

	n, k   int         // k vectors are complete, with their column of T
	groups [][]float64 // the basis, four vectors in a group, one after another
	w      []float64   // A·q_k, less what it has of the basis

	alpha, beta []float64 // T: the diagonal, and below it; beta[k−1] is ‖w‖
	coef        []float64 // what w has of each vector of the basis
	part        []float64 // the same by blocks, with ‖w‖² last
	blocks      int
	dots, less  *par.Loop

	room [5][]float64 // of the eigenvalues and the eigenvector of T
}

// grain is how many numbers of each vector a block holds.
const grain = 2048

// NewLanczos returns a search in n dimensions, n ≥ 1, with room for steps steps.
// The basis is allocated as it grows.
func NewLanczos(n, steps int) *Lanczos {
	wide := steps + 5 // whole groups, and the norm
	l := &Lanczos{n: n, w: make([]float64, n), blocks: par.Blocks(n, grain, 256)}
	l.alpha, l.beta = make([]float64, 0, steps), make([]float64, 0, steps)
	l.coef, l.part = make([]float64, wide), make([]float64, wide*l.blocks)
	for i := range l.room {
		l.room[i] = make([]float64, steps)
	}
	l.dots, l.less = par.New(l.dotBlock), par.New(l.lessBlock)
	return l
}

// Steps returns how many steps have been taken.
func (l *Lanczos) Steps() int { return l.k }

// Start sets the first vector to Pq/‖Pq‖ and forgets all that was found. It
// returns false when Pq is 0 or not finite.
func (l *Lanczos) Start(q []float64) bool {
	if len(q) != l.n {
		panic(fmt.Sprintf("krylov: Lanczos in %d dimensions was given a start of length %d", l.n, len(q)))
	}
	l.k, l.alpha, l.beta = 0, l.alpha[:0], l.beta[:0]
	copy(l.w, q)
	l.project()
	size := norm(l.w)
	if !(size > 0) || math.IsInf(size, 0) {
		return false
	}
	l.grow(size)
	return true
}

func (l *Lanczos) project() {
	if l.Project != nil {
		l.Project(l.w)
	}
}

// grow appends w/size to the basis.
func (l *Lanczos) grow(size float64) {
	if l.k%4 == 0 && l.k/4 == len(l.groups) {
		l.groups = append(l.groups, make([]float64, 4*l.n))
	}
	q := l.vector(l.k)
	for i, v := range l.w {
		q[i] = v / size
	}
}

// vector returns q_j, counted from 0.
func (l *Lanczos) vector(j int) []float64 { return l.groups[j/4][j%4*l.n : (j%4+1)*l.n] }

// Next returns the vector that the next Step multiplies. It must not be changed.
func (l *Lanczos) Next() []float64 { return l.vector(l.k) }

// Step takes one step with mul(dst, x): dst = A·x, one product. It returns false
// when the Krylov space is exhausted, so that all Ritz values are eigenvalues,
// or a product was not finite: then the step is not counted.
func (l *Lanczos) Step(mul func(dst, x []float64)) bool {
	if len(l.alpha) == cap(l.alpha) {
		panic(fmt.Sprintf("krylov: Lanczos was made for %d steps and asked for more", cap(l.alpha)))
	}
	q := l.vector(l.k)
	mul(l.w, q)
	alpha := loops.Dot(q, l.w)
	if math.IsNaN(alpha) || math.IsInf(alpha, 0) {
		return false
	}
	loops.AddScaled(l.w, -alpha, q)
	if l.k > 0 {
		loops.AddScaled(l.w, -l.beta[l.k-1], l.vector(l.k-1))
	}
	l.k++
	more, size := l.orthogonalise()
	l.alpha, l.beta = append(l.alpha, alpha+more), append(l.beta, size)
	if !(size > 1e-12*l.scale()) || l.k == l.n {
		l.beta[l.k-1] = 0
		return false
	}
	if l.k < cap(l.alpha) {
		l.grow(size)
	}
	return true
}

// scale is the size of the entries of T.
func (l *Lanczos) scale() float64 {
	var s float64
	for i, a := range l.alpha {
		s = max(s, math.Abs(a))
		if i > 0 {
			s = max(s, l.beta[i-1])
		}
	}
	return s
}

// orthogonalise takes off w what it has of the basis, again where much of it was
// there, so that what rounding left does not grow. It returns what it had of the
// last vector, and what is left of ‖w‖.
func (l *Lanczos) orthogonalise() (last, size float64) {
	before := 0.0
	for again := range 4 {
		l.project()
		rest := l.sumDots()
		if again == 0 {
			before = rest
		}
		last += l.coef[l.k-1]
		l.less.Run(l.blocks)
		wide := l.wide()
		var sum float64
		for b := range l.blocks {
			sum += l.part[b*wide+wide-1]
		}
		if size = math.Sqrt(sum); size > before/2 {
			break
		}
		before = size
	}
	return last, size
}

// wide is the room of a block in part: whole groups of coefficients and a norm.
func (l *Lanczos) wide() int { return (l.k+3)/4*4 + 1 }

// sumDots sets coef = Qᵀw and returns ‖w‖.
func (l *Lanczos) sumDots() float64 {
	wide := l.wide()
	clear(l.part[:wide*l.blocks])
	l.dots.Run(l.blocks)
	copy(l.coef, l.part[:wide])
	for b := 1; b < l.blocks; b++ {
		for j, v := range l.part[b*wide : (b+1)*wide] {
			l.coef[j] += v
		}
	}
	return math.Sqrt(l.coef[wide-1])
}

func (l *Lanczos) dotBlock(b int) {
	lo, hi := par.Bounds(l.n, l.blocks, b)
	wide, w := l.wide(), l.w[lo:hi]
	part := l.part[b*wide : (b+1)*wide]
	for j := 0; j < l.k; j += 4 {
		if group := l.groups[j/4]; j+4 <= l.k {
			loops.Dot4((*[4]float64)(part[j:]), group[lo:], l.n, w)
		} else {
			for i := j; i < l.k; i++ {
				part[i] = loops.Dot(l.vector(i)[lo:hi], w)
			}
		}
	}
	part[wide-1] = loops.Dot(w, w)
}

// lessBlock subtracts Q·coef from its block of w and leaves what ‖w‖² is then.
func (l *Lanczos) lessBlock(b int) {
	lo, hi := par.Bounds(l.n, l.blocks, b)
	w := l.w[lo:hi]
	for j := 0; j < l.k; j += 4 {
		if group := l.groups[j/4]; j+4 <= l.k {
			c := [4]float64{-l.coef[j], -l.coef[j+1], -l.coef[j+2], -l.coef[j+3]}
			loops.AddScaled4(w, &c, group[lo:], l.n)
		} else {
			for i := j; i < l.k; i++ {
				loops.AddScaled(w, -l.coef[i], l.vector(i)[lo:hi])
			}
		}
	}
	wide := l.wide()
	l.part[b*wide+wide-1] = loops.Dot(w, w)
}

// Ritz holds the ends of what Lanczos has found of a spectrum.
type Ritz struct {
	Low, High float64   // the smallest and the largest Ritz value
	Residual  float64   // ‖A·y − Low·y‖ for the Ritz vector y of Low
	weights   []float64 // y = Q·weights
}

// Ritz returns what the steps so far have found, of which there must be one.
// It costs some 30k² flops. The weights are overwritten by the next call.
func (l *Lanczos) Ritz() Ritz {
	k := l.k
	d, e := l.room[0][:k], l.room[1][:k]
	copy(d, l.alpha)
	copy(e, l.beta)
	if !(lapackgonum.Implementation{}).Dsterf(k, d, e) {
		d[0], d[k-1] = math.NaN(), math.NaN()
	}
	r := Ritz{Low: d[0], High: d[k-1], weights: l.room[2][:k]}
	l.lowest(r)
	r.Residual = math.Abs(l.beta[k-1] * r.weights[k-1])
	return r
}

// lowest sets r.weights to the eigenvector of T for r.Low by inverse iteration.
// Since β > 0 its signs alternate, so that a start with alternating signs has its
// share of it.
func (l *Lanczos) lowest(r Ritz) {
	k, x := l.k, r.weights
	for i := range x {
		x[i] = 1 - 2*float64(i%2)
	}
	d, lower, upper := l.room[0][:k], l.room[1][:k], l.room[3][:k]
	shift := r.Low
	for range 3 {
		shift -= 0x1p-50 * l.scale() // below all of the spectrum: no pivot is 0
		for i, a := range l.alpha {
			d[i] = a - shift
		}
		copy(lower, l.beta)
		copy(upper, l.beta)
		copy(l.room[4], x)
		if !(lapackgonum.Implementation{}).Dgtsv(k, 1, lower, d, upper, x, 1) {
			copy(x, l.room[4])
			continue
		}
		unit(x)
	}
}

// Vector sets dst to the Ritz vector y of r.Low, of length 1.
func (l *Lanczos) Vector(dst []float64, r Ritz) {
	clear(dst)
	for j, c := range r.weights {
		loops.AddScaled(dst, c, l.vector(j))
	}
	unit(dst)
}

// MissedBy bounds how far the smallest eigenvalue may be below the Low of k steps
// of Lanczos from a start that is uniform on the sphere of Rⁿ: with probability
// at least 1 − failure over the start it is at least
//
//	Low − ε(λmax − λmin),  1.648·√n·exp(−√ε(2k−1)) = failure
//
// (Kuczyński, Woźniakowski 1992, SIAM J. Matrix Anal. 13:1094, theorem 4.2, for
// λmax·I − A). MissedBy returns ε, at most 1.
func MissedBy(n, k int, failure float64) float64 {
	if k < 1 {
		return 1
	}
	root := math.Log(1.648*math.Sqrt(float64(n))/failure) / float64(2*k-1)
	return min(1, max(0, root)*max(0, root))
}
