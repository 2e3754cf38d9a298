package rigid

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func testRNG(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

func TestFieldAgainstBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := newField(testRNG(rapid.Uint64().Draw(t, "seed")))
		if f.p>>59 != 1 || !new(big.Int).SetUint64(f.p).ProbablyPrime(20) {
			t.Fatalf("%d is no prime of 60 bits", f.p)
		}
		p := new(big.Int).SetUint64(f.p)
		a, b := rapid.Uint64Range(0, f.p-1).Draw(t, "a"), rapid.Uint64Range(0, f.p-1).Draw(t, "b")
		A, B := new(big.Int).SetUint64(a), new(big.Int).SetUint64(b)
		for name, c := range map[string]struct {
			got  uint64
			want *big.Int
		}{
			"add": {f.add(a, b), new(big.Int).Add(A, B)},
			"sub": {f.sub(a, b), new(big.Int).Sub(A, B)},
			"mul": {f.mul(a, b), new(big.Int).Mul(A, B)},
		} {
			if want := c.want.Mod(c.want, p).Uint64(); c.got != want {
				t.Fatalf("%s(%d, %d) mod %d = %d, want %d", name, a, b, f.p, c.got, want)
			}
		}
		if a != 0 && f.mul(a, f.inverse(a)) != 1 {
			t.Fatalf("%d·%d is not 1 mod %d", a, f.inverse(a), f.p)
		}
	})
}

// A dot product is the sum of products, also of the largest numbers, whose sums
// come nearest to 128 bits.
func TestDot(t *testing.T) {
	rng := testRNG(1)
	f := newField(rng)
	for _, n := range []int{0, 1, 2, 255, 256, 257, 700} {
		a, b := f.random(rng, n), f.random(rng, n)
		top := make([]uint64, n)
		for i := range top {
			top[i] = f.p - 1
		}
		for _, x := range [][2][]uint64{{a, b}, {top, top}, {a, top}} {
			var want uint64
			for i := range n {
				want = f.add(want, f.mul(x[0][i], x[1][i]))
			}
			if got := f.dot(x[0], x[1]); got != want {
				t.Errorf("length %d: %d, want %d", n, got, want)
			}
		}
	}
}

func TestInvert(t *testing.T) {
	rng := testRNG(2)
	f := newField(rng)
	for n := 1; n <= 8; n++ {
		a := f.random(rng, n*n)
		if n > 1 {
			a[0] = 0 // a pivot must be looked for
		}
		b := append([]uint64(nil), a...)
		if !f.invert(b, n) {
			t.Fatalf("n = %d: not invertible", n)
		}
		for i := range n {
			for j := range n {
				var s uint64
				for k := range n {
					s = f.add(s, f.mul(a[i*n+k], b[k*n+j]))
				}
				if want := uint64(0); s != want && (i != j || s != 1) {
					t.Fatalf("n = %d: AA⁻¹ has %d at (%d, %d)", n, s, i, j)
				}
			}
		}
		copy(a[(n-1)*n:], make([]uint64, n))
		if f.invert(a, n) {
			t.Fatalf("n = %d: a matrix with a row of zeros was inverted", n)
		}
	}
}

// naiveRank is Gaussian elimination without any cleverness.
func (f field) naiveRank(rows [][]uint64) int {
	rank := 0
	if len(rows) == 0 {
		return 0
	}
	for j := 0; j < len(rows[0]) && rank < len(rows); j++ {
		at := rank
		for at < len(rows) && rows[at][j] == 0 {
			at++
		}
		if at == len(rows) {
			continue
		}
		rows[rank], rows[at] = rows[at], rows[rank]
		c := f.inverse(rows[rank][j])
		for i := rank + 1; i < len(rows); i++ {
			m := f.mul(c, rows[i][j])
			for k := j; k < len(rows[0]); k++ {
				rows[i][k] = f.sub(rows[i][k], f.mul(m, rows[rank][k]))
			}
		}
		rank++
	}
	return rank
}

func clone2(x [][]uint64) [][]uint64 {
	var out [][]uint64
	for _, row := range x {
		out = append(out, append([]uint64(nil), row...))
	}
	return out
}

// The rank is that of naive elimination, and a solution solves every equation.
func TestEchelon(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := testRNG(rapid.Uint64().Draw(t, "seed"))
		f := newField(rng)
		n, m := rapid.IntRange(1, 25).Draw(t, "n"), rapid.IntRange(1, 40).Draw(t, "m")
		rank := rapid.IntRange(1, min(n, m)).Draw(t, "rank")
		var base, all [][]uint64
		for range rank {
			row := f.random(rng, n)
			for j := range row {
				if rng.IntN(3) > 0 { // sparse: pivots are not in order
					row[j] = 0
				}
			}
			base = append(base, row)
		}
		for range m {
			row := make([]uint64, n)
			for _, b := range base {
				c := rng.Uint64N(f.p)
				for j, v := range b {
					row[j] = f.add(row[j], f.mul(c, v))
				}
			}
			all = append(all, row)
		}
		e := newEchelon(f, n)
		for from := 0; from < m; {
			k := 1 + rng.IntN(min(10, m-from))
			e.extend(clone2(all[from : from+k]))
			from += k
			if want := f.naiveRank(clone2(all[:from])); len(e.pivot) != want || len(e.pivot)+len(e.free) != n {
				t.Fatalf("rank %d after %d equations, want %d; %d free of %d", len(e.pivot), from, want, len(e.free), n)
			}
		}
		x := e.solution(rng)
		for i, row := range all {
			if got := f.dot(row, x); got != 0 {
				t.Fatalf("equation %d gives %d at the solution", i, got)
			}
		}
	})
}
