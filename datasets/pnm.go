package datasets

import (
	"image"
	"image/color"
	"strconv"
)

// pnm reads one image of the Netpbm family: PBM, PGM or PPM, plain or raw.
//
//	P1 P4  bits, 1 is black        P2 P5  greys        P3 P6  red, green, blue
//
// Values are scaled from 0 … maximum to 16 bits.
func (s *source) pnm(b []byte) (image.Image, error) {
	p := &pnmReader{b: b}
	kind := p.magic()
	if kind == 0 {
		return nil, s.errorf(ErrFormat, "it does not begin as PBM, PGM or PPM does (P1 to P6)")
	}
	w, h, top := p.int(), p.int(), 1
	if kind != '1' && kind != '4' {
		top = p.int()
	}
	raw := kind >= '4'
	if raw { // one byte of white space, then the pixels
		if p.pos >= len(b) || !isSpace(b[p.pos]) {
			p.bad = true
		}
		p.pos++
	}
	if p.bad || w < 1 || h < 1 || top < 1 || top > 65535 {
		return nil, s.errorf(ErrFormat, "the header is not one of a P%c image: width and height from 1, and but for bits a maximum from 1 to 65535, are wanted", kind)
	}
	if n := product([]int{w, h}); n < 0 || n > 8*len(b) {
		return nil, s.errorf(ErrFormat, "the file is cut off: %d×%d pixels are announced, %d bytes are there", h, w, len(b))
	}
	if err := s.take(8 * int64(w) * int64(h)); err != nil {
		return nil, err
	}
	img := image.NewRGBA64(image.Rect(0, 0, w, h))
	for y := range h {
		p.bit = 0
		for x := range w {
			img.SetRGBA64(x, y, p.pixel(kind, top))
			if p.bad {
				return nil, s.errorf(ErrFormat, "row %d, pixel %d (from 0) of %d×%d: the file is cut off, or a value is no number from 0 to %d", y, x, h, w, top)
			}
		}
		if kind == '4' && p.bit > 0 { // rows end at whole bytes
			p.pos++
		}
	}
	return img, nil
}

type pnmReader struct {
	b   []byte
	pos int
	bit int // the next of the byte at pos, in raw bits
	bad bool
}

func (p *pnmReader) magic() byte {
	if len(p.b) < 3 || p.b[0] != 'P' || p.b[1] < '1' || p.b[1] > '6' {
		return 0
	}
	p.pos = 2
	return p.b[1]
}

// space skips white space and comments.
func (p *pnmReader) space() {
	for p.pos < len(p.b) {
		switch c := p.b[p.pos]; {
		case c == '#':
			for p.pos < len(p.b) && p.b[p.pos] != '\n' {
				p.pos++
			}
		case isSpace(c):
			p.pos++
		default:
			return
		}
	}
}

// int reads a decimal number.
func (p *pnmReader) int() int {
	p.space()
	from := p.pos
	for p.pos < len(p.b) && p.b[p.pos] >= '0' && p.b[p.pos] <= '9' {
		p.pos++
	}
	v, err := strconv.ParseInt(string(p.b[from:min(p.pos, from+20)]), 10, 32)
	p.bad = p.bad || err != nil
	return int(v)
}

// sample reads one value of the pixels.
func (p *pnmReader) sample(kind byte, top int) int {
	wide := 1
	if top > 255 {
		wide = 2
	}
	switch {
	case kind == '1': // digits need no space between them
		p.space()
		if p.pos >= len(p.b) {
			p.bad = true
			return 0
		}
		p.pos++
		v := int(p.b[p.pos-1]) - '0'
		p.bad = p.bad || v < 0 || v > 1
		return v
	case kind < '4':
		return p.int()
	case p.pos+wide > len(p.b):
		p.bad = true
		return 0
	case kind == '4':
		v := int(p.b[p.pos] >> (7 - p.bit) & 1)
		if p.bit++; p.bit == 8 {
			p.bit, p.pos = 0, p.pos+1
		}
		return v
	case wide == 2:
		p.pos += 2
		return int(p.b[p.pos-2])<<8 | int(p.b[p.pos-1])
	}
	p.pos++
	return int(p.b[p.pos-1])
}

func (p *pnmReader) pixel(kind byte, top int) color.RGBA64 {
	level := func() uint16 {
		v := p.sample(kind, top)
		p.bad = p.bad || v > top
		return uint16((v*65535 + top/2) / top)
	}
	r := level()
	g, b := r, r
	switch kind {
	case '1', '4':
		r = 65535 - r
		g, b = r, r
	case '3', '6':
		g, b = level(), level()
	}
	return color.RGBA64{R: r, G: g, B: b, A: 65535}
}
