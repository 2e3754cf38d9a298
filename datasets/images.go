package datasets

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// readImage reads one image as a matrix of greys.
func readImage(s *source) (*Data, error) {
	h, w, pixels, err := s.grey()
	if err != nil {
		return nil, err
	}
	d, err := s.newDense(h, w, pixels)
	if err == nil {
		d.note("greys from 0 to 255, a row of the image for each row")
	}
	return d, err
}

// grey decodes an image and returns its luminance, 0 to 255, row by row.
func (s *source) grey() (h, w int, pixels []float64, err error) {
	b, err := s.all()
	if err != nil {
		return 0, 0, nil, err
	}
	img, err := s.decode(b)
	if err != nil {
		return 0, 0, nil, err
	}
	r := img.Bounds()
	h, w = r.Dy(), r.Dx()
	if err := s.take(8 * int64(h) * int64(w)); err != nil {
		return 0, 0, nil, err
	}
	pixels = make([]float64, 0, h*w)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			pixels = append(pixels, luminance(img.At(x, y)))
		}
	}
	return h, w, pixels, nil
}

// luminance is 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), from 0 to 255, over
// black where a pixel is transparent. Greys stay what they are.
func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	if r == g && g == b {
		return float64(r) / 257
	}
	return (float64(0.299*float64(r)) + float64(0.587*float64(g)) + float64(0.114*float64(b))) / 257
}

// decode reads PNG, JPEG, PBM, PGM and PPM. Go's decoders ask for the memory of
// all pixels at once, so that the sizes are held against the bytes first: at
// best a byte of PNG holds 1032 compressed bytes, which are 8 pixels each.
func (s *source) decode(b []byte) (image.Image, error) {
	config, decode := png.DecodeConfig, png.Decode
	switch {
	case bytes.HasPrefix(b, []byte("\x89PNG")):
	case bytes.HasPrefix(b, []byte("\xff\xd8")):
		config, decode = jpeg.DecodeConfig, jpeg.Decode
	default:
		return s.pnm(b)
	}
	c, err := config(bytes.NewReader(b))
	if err != nil {
		return nil, s.imageError(err)
	}
	n := product([]int{c.Width, c.Height})
	if n < 0 || int64(n) > 8*1100*int64(len(b)) {
		return nil, s.errorf(ErrFormat, "the image says that it has %d×%d pixels; its %d bytes cannot hold so many", c.Height, c.Width, len(b))
	}
	if err := s.take(8 * int64(n)); err != nil {
		return nil, err
	}
	img, err := decode(bytes.NewReader(b))
	if err != nil {
		return nil, s.imageError(err)
	}
	return img, nil
}

func (s *source) imageError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return s.errorf(ErrFormat, "the image is cut off")
	}
	return s.errorf(ErrFormat, "the image cannot be decoded: %v", err)
}

var imageEndings = []string{".png", ".jpg", ".jpeg", ".pgm", ".ppm", ".pbm", ".pnm"}

// openFolder reads the images of a folder, in natural order, as a film. Other
// files, folders and hidden files are left out.
func openFolder(path string, o *OpenOptions) (*Data, error) {
	s, err := newSource(filepath.Base(path), o)
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, fmt.Errorf("datasets: %w", err)
	}
	var names []string
	for _, e := range entries {
		ending := strings.ToLower(filepath.Ext(strings.TrimSuffix(e.Name(), ".gz")))
		if !e.IsDir() && !strings.HasPrefix(e.Name(), ".") && slices.Contains(imageEndings, ending) {
			names = append(names, e.Name())
		}
	}
	if len(names) == 0 {
		return nil, s.errorf(ErrEmpty, "the folder has no images (%s)", strings.Join(imageEndings, " "))
	}
	slices.SortFunc(names, naturalOrder)
	d, err := s.frames(path, names)
	if err != nil {
		return nil, err
	}
	d.Name, d.Format = s.name, "images"
	d.note("greys from 0 to 255")
	return d, nil
}

// frames reads the images one by one into one array.
func (s *source) frames(path string, names []string) (*Data, error) {
	var h, w int
	var values []float64
	for k, name := range names {
		fh, fw, pixels, err := s.frame(path, name)
		if err != nil {
			return nil, err
		}
		if k == 0 {
			h, w = fh, fw
		}
		if fh != h || fw != w {
			return nil, s.errorf(ErrShape, "%s is %d×%d pixels and %s is %d×%d; images of one size are wanted", name, fh, fw, names[0], h, w)
		}
		values = append(values, pixels...)
	}
	d, err := s.framesData(len(names), h, w, values)
	if err != nil {
		return nil, err
	}
	if d.ColNames = names; d.frameRows {
		d.RowNames, d.ColNames = names, nil
	}
	return d, nil
}

func (s *source) frame(path, name string) (h, w int, pixels []float64, err error) {
	f, err := os.Open(filepath.Join(path, name))
	if err != nil {
		return 0, 0, nil, fmt.Errorf("datasets: %w", err)
	}
	defer f.Close()
	one := &source{name: s.name + "/" + name, o: s.o, left: s.left}
	if err := one.begin(f); err != nil {
		return 0, 0, nil, err
	}
	h, w, pixels, err = one.grey()
	s.left -= 8 * int64(len(pixels)) // the rest is given back
	return h, w, pixels, err
}

// naturalOrder compares names so that frame2 comes before frame10: runs of
// digits by their number, else by the bytes.
func naturalOrder(a, b string) int {
	x, y := a, b
	for x != "" && y != "" {
		dx, dy := digits(x), digits(y)
		if dx > 0 && dy > 0 {
			nx, ny := strings.TrimLeft(x[:dx], "0"), strings.TrimLeft(y[:dy], "0")
			if len(nx) != len(ny) {
				return len(nx) - len(ny)
			}
			if c := strings.Compare(nx, ny); c != 0 {
				return c
			}
			x, y = x[dx:], y[dy:]
			continue
		}
		if x[0] != y[0] {
			return int(x[0]) - int(y[0])
		}
		x, y = x[1:], y[1:]
	}
	if len(x) != len(y) {
		return len(x) - len(y)
	}
	return strings.Compare(a, b)
}

// digits counts the digits that s begins with.
func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}
