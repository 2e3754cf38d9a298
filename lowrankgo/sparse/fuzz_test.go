package sparse

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// FuzzProject gives any bits as entries, α and cap: the result is a member of
// the set or an error that names its reason, and never a panic.
func FuzzProject(f *testing.F) {
	number := func(v ...float64) (b []byte) {
		for _, v := range v {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
		return b
	}
	nan, inf := math.NaN(), math.Inf(1)
	f.Add(uint8(2), .5, 0., number(5, 4, 4, 1))
	f.Add(uint8(1), .5, 1., number(0, 0, 0, 0))
	f.Add(uint8(3), .4, 2., number(nan, nan, nan, nan, nan, nan))
	f.Add(uint8(3), 1., 0., number(1, inf, -inf, 3, 4, 5))
	f.Add(uint8(2), 1., 1., number(1e308, -1e308, 5e-324, 1e-200, 0, 1))
	f.Add(uint8(4), 0., -1., number(1, 1, 1, 1))
	f.Fuzz(func(t *testing.T, d2 uint8, alpha, limit float64, raw []byte) {
		raw = raw[:min(len(raw), 8*400)]
		rows := len(raw) / 8 / max(1, int(d2))
		if d2 == 0 || rows == 0 {
			return
		}
		x := mat.NewDense(rows, int(d2), nil)
		for k := range x.RawMatrix().Data {
			x.RawMatrix().Data[k] = math.Float64frombits(binary.LittleEndian.Uint64(raw[8*k:]))
		}
		set := lr.SparseSet{Alpha: alpha, Cap: limit}
		for _, rule := range rules {
			s, err := Project(context.Background(), x, set, rule)
			if err != nil {
				if !errors.Is(err, lr.ErrValue) || s != nil {
					t.Errorf("%v: S %v with the error %v", rule, s, err)
				}
				continue
			}
			checkMember(t, x, s, set)
			if rule != Threshold {
				checkFull(t, x, s, set)
			}
		}
	})
}
