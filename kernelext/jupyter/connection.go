package jupyter

import (
	"encoding/json"
	"fmt"
	"os"
)

// connection is what the connection file says.
type connection struct {
	Transport       string `json:"transport"`
	IP              string `json:"ip"`
	ShellPort       int    `json:"shell_port"`
	IOPubPort       int    `json:"iopub_port"`
	StdinPort       int    `json:"stdin_port"`
	ControlPort     int    `json:"control_port"`
	HBPort          int    `json:"hb_port"`
	Key             string `json:"key"`
	SignatureScheme string `json:"signature_scheme"`
}

// readConnection reads and checks a connection file.
func readConnection(file string) (*connection, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("jupyter: connection file: %w", err)
	}
	c := &connection{Transport: "tcp", SignatureScheme: "hmac-sha256"}
	if err := json.Unmarshal(data, c); err != nil {
		return nil, fmt.Errorf("jupyter: connection file %s: %w", file, err)
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("jupyter: connection file %s: %w", file, err)
	}
	return c, nil
}

func (c *connection) check() error {
	switch {
	case c.Transport != "tcp" && c.Transport != "ipc":
		return fmt.Errorf("transport is %q, want \"tcp\" or \"ipc\"", c.Transport)
	case c.IP == "":
		return fmt.Errorf("ip is empty: want an address to listen on, or for ipc a path prefix")
	case c.Key != "" && c.SignatureScheme != "hmac-sha256":
		return fmt.Errorf("signature_scheme is %q, want \"hmac-sha256\"", c.SignatureScheme)
	}
	for name, port := range map[string]int{"shell_port": c.ShellPort, "iopub_port": c.IOPubPort,
		"stdin_port": c.StdinPort, "control_port": c.ControlPort, "hb_port": c.HBPort} {
		if port < 1 || port > 65535 {
			return fmt.Errorf("%s is %d, want 1 to 65535", name, port)
		}
	}
	return nil
}

// endpoint is the address of a port for package zmq4.
func (c *connection) endpoint(port int) string {
	if c.Transport == "ipc" {
		return fmt.Sprintf("%s://%s-%d", guardedIPC, c.IP, port)
	}
	return fmt.Sprintf("%s://%s:%d", guardedTCP, c.IP, port)
}
