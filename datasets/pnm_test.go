package datasets

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/spakin/netpbm"
)

// netpbm is an independent reader of the family.
func TestPnmAgainstNetpbm(t *testing.T) {
	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, 1))
	for range 200 {
		kind, h, w := 1+rng.IntN(6), 1+rng.IntN(7), 1+rng.IntN(20)
		file := randomPnm(rng, kind, h, w)
		want, err := netpbm.Decode(bytes.NewReader(file), nil)
		if err != nil {
			t.Fatalf("seed %d: netpbm refuses %q: %v", seed, file, err)
		}
		d, err := Read(bytes.NewReader(file), "x.pnm", nil)
		if err != nil {
			t.Fatalf("seed %d: %q: %v", seed, file, err)
		}
		m, err := d.Matrix()
		if err != nil {
			t.Fatal(err)
		}
		if r, c := m.Dims(); r != h || c != w {
			t.Fatalf("seed %d: %d×%d; want %d×%d", seed, r, c, h, w)
		}
		for y := range h {
			for x := range w {
				// netpbm rounds a value to 16 bits otherwise by one.
				if got, want := m.At(y, x), luminance(want.At(x, y)); math.Abs(got-want) > 1.5/257 {
					t.Fatalf("seed %d: P%d, pixel (%d, %d) is %v; want %v", seed, kind, y, x, got, want)
				}
			}
		}
	}
}

func randomPnm(rng *rand.Rand, kind, h, w int) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "P%d\n# a comment\n%d %d\n", kind, w, h)
	top := 1
	if kind != 1 && kind != 4 {
		top = []int{1, 7, 255, 256, 1000, 65535}[rng.IntN(6)]
		fmt.Fprintf(&b, "%d\n", top)
	}
	per := w
	if kind == 3 || kind == 6 {
		per = 3 * w
	}
	for range h {
		switch {
		case kind == 4:
			for range (w + 7) / 8 {
				b.WriteByte(byte(rng.Uint32()))
			}
			continue
		}
		for range per {
			v := rng.IntN(top + 1)
			switch {
			case kind < 4:
				fmt.Fprintf(&b, "%d ", v)
			case top > 255:
				b.WriteByte(byte(v >> 8))
				b.WriteByte(byte(v))
			default:
				b.WriteByte(byte(v))
			}
		}
		if kind < 4 {
			b.WriteByte('\n')
		}
	}
	return b.Bytes()
}

func TestPnmRefuses(t *testing.T) {
	refuse(t, map[string]refusal{
		"P5 2 2 255\nabc":           {"row 1, pixel 1", ErrFormat},
		"P5 99999 99999 255\nabc":   {"99999×99999 pixels are announced, 22 bytes are there", ErrFormat},
		"P5 # no end":               {"header", ErrFormat},
		"P2 2 1 3\n1 4":             {"0 to 3", ErrFormat},
		"P2 2 1 3\n1 x":             {"0 to 3", ErrFormat},
		"P1 2 1 1 2":                {"pixel 1", ErrFormat},
		"P2 0 1 3\n":                {"from 1", ErrFormat},
		"P2 2 1 70000\n1 1":         {"65535", ErrFormat},
		"P6 1 1 255\nab":            {"cut off", ErrFormat},
		"P5 4294967297 1 255\nabcd": {"header", ErrFormat},
	}, "x.pnm", nil)
}
