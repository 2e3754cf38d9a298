package datasets

import (
	"bytes"
	"compress/gzip"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/sbinet/npyio/npy"
	"gonum.org/v1/gonum/mat"
)

func sea(t *testing.T) *SeaSurfaceData {
	t.Helper()
	d, err := SeaSurface()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// An independent reader of the format sees the same numbers.
func TestSeaSurfaceAgainstNpyio(t *testing.T) {
	z, err := gzip.NewReader(bytes.NewReader(seaSurfaceFile))
	if err != nil {
		t.Fatal(err)
	}
	r, err := npy.NewReader(z)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Header.Descr.Shape; len(got) != 3 || got[0] != 12 || got[1] != 90 || got[2] != 180 || r.Header.Descr.Fortran {
		t.Fatalf("the file has shape %v, Fortran order %t", got, r.Header.Descr.Fortran)
	}
	var want []float32
	if err := r.Read(&want); err != nil {
		t.Fatal(err)
	}
	d := sea(t)
	for m := 1; m <= 12; m++ {
		x, err := d.Month(m)
		if err != nil {
			t.Fatal(err)
		}
		for k, got := range x.RawMatrix().Data {
			w := float64(want[(m-1)*90*180+k])
			if got != w && !(math.IsNaN(got) && math.IsNaN(w)) {
				t.Fatalf("month %d, entry %d is %v; want %v", m, k, got, w)
			}
		}
	}
}

func TestSeaSurfaceFacts(t *testing.T) {
	d := sea(t)
	if len(d.Months) != 12 || d.Months[0] != "January" || d.Months[11] != "December" {
		t.Errorf("months are %v", d.Months)
	}
	if len(d.Lat) != 90 || d.Lat[0] != -89 || d.Lat[89] != 89 || len(d.Lon) != 180 || d.Lon[0] != 21 || d.Lon[179] != 379 {
		t.Errorf("the grid runs from %v, %v to %v, %v", d.Lat[0], d.Lon[0], d.Lat[len(d.Lat)-1], d.Lon[len(d.Lon)-1])
	}
	missing, lo, hi := 0, math.Inf(1), math.Inf(-1)
	for m := 1; m <= 12; m++ {
		x, err := d.Month(m)
		if err != nil {
			t.Fatal(err)
		}
		if r, c := x.Dims(); r != 90 || c != 180 {
			t.Fatalf("month %d is %d×%d; want 90×180", m, r, c)
		}
		for _, v := range x.RawMatrix().Data {
			if math.IsNaN(v) {
				missing++
				continue
			}
			lo, hi = math.Min(lo, v), math.Max(hi, v)
		}
	}
	if missing != 12*90*180-104778 {
		t.Errorf("%d cells are missing; want %d (46.1 %%)", missing, 12*90*180-104778)
	}
	if math.Abs(lo+2.6) > 1e-6 || math.Abs(hi-33.150463) > 1e-6 {
		t.Errorf("values run from %v to %v °C; want -2.6 to 33.150463", lo, hi)
	}
}

// Places that everyone knows fix the orientation of the map.
func TestSeaSurfaceOrientation(t *testing.T) {
	d := sea(t)
	at := func(month int, lat, lon float64) float64 {
		x, err := d.Month(month)
		if err != nil {
			t.Fatal(err)
		}
		i, j := int((lat+90)/2), int((lon-20)/2)
		if math.Abs(d.Lat[i]-lat) > 1 || math.Abs(d.Lon[j]-lon) > 1 {
			t.Fatalf("cell (%d, %d) is at %v, %v and not at %v, %v", i, j, d.Lat[i], d.Lon[j], lat, lon)
		}
		return x.At(i, j)
	}
	for _, land := range []struct {
		place    string
		lat, lon float64
	}{{"Sahara", 25, 25}, {"Kansas", 39, 261}, {"central Australia", -25, 133}, {"Amazon", -5, 297}, {"South Pole", -89, 21}} {
		if v := at(7, land.lat, land.lon); !math.IsNaN(v) {
			t.Errorf("%s has a sea surface temperature of %v °C", land.place, v)
		}
	}
	warmer := func(where string, a, b float64) {
		if !(a > b+3) {
			t.Errorf("%s: %v °C is not warmer than %v °C by 3", where, a, b)
		}
	}
	warmer("North Pacific, July and January", at(7, 45, 181), at(1, 45, 181))
	warmer("Tasman Sea, January and July", at(1, -39, 161), at(7, -39, 161))
	warmer("Indian Ocean and Southern Ocean", at(1, 1, 81), at(1, -49, 81))
	warmer("Gulf Stream and Labrador Sea", at(1, 37, 291), at(1, 55, 307))
}

func TestMonthBounds(t *testing.T) {
	d := sea(t)
	for _, m := range []int{0, -1, 13} {
		if _, err := d.Month(m); !errors.Is(err, ErrValue) || !strings.Contains(err.Error(), "1 (January) to 12 (December)") {
			t.Errorf("Month(%d): error %v; want one that names the months there are", m, err)
		}
		if _, err := d.Fold(d.Unfold(), m); !errors.Is(err, ErrValue) {
			t.Errorf("Fold of month %d: error %v", m, err)
		}
	}
}

func TestUnfoldFold(t *testing.T) {
	d := sea(t)
	x := d.Unfold()
	if r, c := x.Dims(); r != 180 || c != 1080 {
		t.Fatalf("Unfold is %d×%d; want 180×1080", r, c)
	}
	for m := 1; m <= 12; m++ {
		want, err := d.Month(m)
		if err != nil {
			t.Fatal(err)
		}
		got, err := d.Fold(x, m)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 90 {
			for j := range 180 {
				w := want.At(i, j)
				for what, g := range map[string]float64{"Fold": got.At(i, j), "Unfold": x.At(j, 90*(m-1)+i)} {
					if g != w && !(math.IsNaN(g) && math.IsNaN(w)) {
						t.Fatalf("%s, month %d at (%d, %d): %v; want %v", what, m, i, j, g, w)
					}
				}
			}
		}
	}
}

func TestFoldRefuses(t *testing.T) {
	d := sea(t)
	if _, err := d.Fold(mat.NewDense(90, 180, nil), 1); !errors.Is(err, ErrShape) || !strings.Contains(err.Error(), "90×180") || !strings.Contains(err.Error(), "180×1080") {
		t.Errorf("a 90×180 matrix: error %v; want one with both shapes", err)
	}
	if _, err := d.Fold(nil, 1); !errors.Is(err, ErrEmpty) {
		t.Errorf("no matrix: error %v", err)
	}
}

// What is handed out belongs to the caller.
func TestSeaSurfaceIsCopied(t *testing.T) {
	d := sea(t)
	x, err := d.Month(1)
	if err != nil {
		t.Fatal(err)
	}
	x.Zero()
	d.Unfold().Zero()
	again, err := d.Month(1)
	if err != nil {
		t.Fatal(err)
	}
	if mat.Equal(x, again) {
		t.Error("writing into a month changed the data set")
	}
}

func TestFloat32sRefusesOtherSizes(t *testing.T) {
	info := Info{Name: "x", Shape: []int{2}}
	for _, n := range []int{0, 9, 10, 17, 19} {
		if _, err := float32s(info, make([]byte, n)); !errors.Is(err, ErrShape) {
			t.Errorf("%d bytes: error %v", n, err)
		}
	}
	if v, err := float32s(info, make([]byte, 18)); err != nil || len(v) != 2 {
		t.Errorf("18 bytes: %v, %v; want two numbers", v, err)
	}
}
