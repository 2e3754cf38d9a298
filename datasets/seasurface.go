package datasets

import (
	_ "embed" // the file and its terms
	"encoding/binary"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

//go:embed coads_sst_12x90x180.npy.gz
var seaSurfaceFile []byte

//go:embed coads_sst_LICENSE.txt
var seaSurfaceLicense string

const (
	months     = 12
	latitudes  = 90
	longitudes = 180
)

func seaSurfaceInfo() Info {
	return Info{
		Name:  "coads-sst",
		Title: "COADS sea surface temperature, monthly climatology",
		Source: "Comprehensive Ocean-Atmosphere Data Set (COADS), mean of the ship reports of 1946–1989 for each month of the year " +
			"on a 2°×2° grid; variable SST of coads_climatology.cdf in Debian ferret-datasets 7.6.0-5 (NOAA Ferret), " +
			"its values unchanged, cells without a value NaN instead of −1e34",
		Terms:   "public domain, NOAA, United States Government; passed on under the Ferret License Agreement",
		License: seaSurfaceLicense,
		Citation: "S. D. Woodruff, R. J. Slutz, R. L. Jenne, P. M. Steurer: A Comprehensive Ocean-Atmosphere Data Set. " +
			"Bulletin of the American Meteorological Society 68 (1987), 1239–1250",
		Unit:   "°C",
		Shape:  []int{months, latitudes, longitudes},
		Matrix: "a row for each meridian, a column for each month and circle of latitude; land and what no ship reported is missing",
		SHA256: "2a8b95e1b8da5dc8aad470a9bb80472084c005afadc4da0240115fe3c95dd128",
	}
}

// SeaSurfaceData is the sea surface temperature of an average year: for each
// month the mean of what ships reported there from 1946 to 1989, in °C, on a
// grid of 2°×2° cells. NaN marks land, ice and seas that no ship reported
// from; 46 % of the values are NaN, and which cells they are differs a little
// from month to month.
type SeaSurfaceData struct {
	Info   Info
	Months []string  // "January" … "December"
	Lat    []float64 // of the 90 rows of a map: −89°, −87° … 89°, from south to north
	Lon    []float64 // of its 180 columns: 21°, 23° … 379°, eastwards; 359° is 1°W and 379° is 19°E
	values []float64 // month by month, row by row
}

// SeaSurface returns the sea surface temperature. Each call returns data of
// its own. A damaged file is an error.
func SeaSurface() (*SeaSurfaceData, error) {
	d := &SeaSurfaceData{
		Info: seaSurfaceInfo(),
		Months: []string{"January", "February", "March", "April", "May", "June",
			"July", "August", "September", "October", "November", "December"},
	}
	raw, err := load(d.Info, seaSurfaceFile)
	if err != nil {
		return nil, err
	}
	if d.values, err = float32s(d.Info, raw); err != nil {
		return nil, err
	}
	for i := range latitudes {
		d.Lat = append(d.Lat, float64(2*i-89))
	}
	for j := range longitudes {
		d.Lon = append(d.Lon, float64(2*j+21))
	}
	return d, nil
}

// float32s reads the array of a .npy file whose SHA-256 has been checked: a
// preamble of 8 bytes, the length of a header in 2, the header, then
// little-endian float32 numbers, the last axis fastest.
func float32s(info Info, raw []byte) ([]float64, error) {
	n := 1
	for _, d := range info.Shape {
		n *= d
	}
	from := 10
	if len(raw) >= from {
		from += int(binary.LittleEndian.Uint16(raw[8:]))
	}
	if len(raw) != from+4*n {
		return nil, fmt.Errorf("datasets: %s holds %d bytes; want a header and %d numbers of 4 bytes: %w", info.Name, len(raw), n, ErrShape)
	}
	out := make([]float64, n)
	for i := range out {
		out[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(raw[from+4*i:])))
	}
	return out, nil
}

// Month returns the map of one month as a new 90×180 matrix, Lat by Lon. A
// month outside 1 … 12 is an error.
func (d *SeaSurfaceData) Month(month int) (*mat.Dense, error) {
	if err := checkMonth(month); err != nil {
		return nil, err
	}
	const size = latitudes * longitudes
	data := append([]float64(nil), d.values[(month-1)*size:month*size]...)
	return mat.NewDense(latitudes, longitudes, data), nil
}

func checkMonth(month int) error {
	if month < 1 || month > months {
		return fmt.Errorf("datasets: there is no month %d; 1 (January) to 12 (December) are: %w", month, ErrValue)
	}
	return nil
}

// Unfold returns the whole year as one new 180×1080 matrix with a row for
// each meridian, in the order of Lon, and a column for each circle of latitude
// in each month: column 90(m−1)+i is latitude Lat[i] in month m. Along a
// column climate changes little, so that the matrix is near one of low rank.
func (d *SeaSurfaceData) Unfold() *mat.Dense {
	x := mat.NewDense(longitudes, months*latitudes, nil)
	for c := range months * latitudes {
		x.SetCol(c, d.values[c*longitudes:(c+1)*longitudes])
	}
	return x
}

// Fold returns the map of one month, a new 90×180 matrix as [SeaSurfaceData.Month]
// does, from a matrix in the form of Unfold. A matrix of another shape and a
// month outside 1 … 12 are errors.
func (d *SeaSurfaceData) Fold(x mat.Matrix, month int) (*mat.Dense, error) {
	if err := checkMonth(month); err != nil {
		return nil, err
	}
	if x == nil {
		return nil, fmt.Errorf("datasets: Fold was given no matrix: %w", ErrEmpty)
	}
	if r, c := x.Dims(); r != longitudes || c != months*latitudes {
		return nil, fmt.Errorf("datasets: Fold was given a %d×%d matrix; %d×%d is wanted: %w", r, c, longitudes, months*latitudes, ErrShape)
	}
	m := mat.NewDense(latitudes, longitudes, nil)
	for i := range latitudes {
		for j := range longitudes {
			m.Set(i, j, x.At(j, (month-1)*latitudes+i))
		}
	}
	return m, nil
}
