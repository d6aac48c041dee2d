/**
 * A recording for a run of the desk phone, which carries no sound: real speech, and the row and the
 * file as a line on a phone leaves them in the data folder. The call itself took a moment, so its
 * times are spread over twelve seconds of talk.
 */
import { execFileSync } from 'node:child_process';

const SCRIPT = String.raw`
import hashlib, os, sqlite3, struct, subprocess, sys, tempfile, wave
data, run = sys.argv[1], int(sys.argv[2])
RATE, SECONDS = 8000, 12

def speech(text):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "said.wav")
        subprocess.run(["espeak-ng", "-w", path, text], check=True)
        with wave.open(path) as said:
            rate, samples = said.getframerate(), said.readframes(said.getnframes())
    samples = struct.unpack("<%dh" % (len(samples) // 2), samples)
    return [samples[int(i * rate / RATE)] for i in range(int(len(samples) * RATE / rate))]

def track(*said):
    samples = [0] * (RATE * SECONDS)
    for at, text in said:
        for i, sample in enumerate(speech(text)):
            if at * RATE + i < len(samples):
                samples[at * RATE + i] = sample
    return samples

callee = track((5, "Yes, I can hear you. Who is calling?"))
agent = track((0, "Hello Jane. Do you have a minute?"), (9, "Goodbye."))
frames = b"".join(struct.pack("<hh", *pair) for pair in zip(callee, agent))
head = b"RIFF" + struct.pack("<I", 36 + len(frames)) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 2, RATE, RATE * 4, 4, 16)
file = head + b"data" + struct.pack("<I", len(frames)) + frames
name = "recording-%d-e2e.wav" % run
os.makedirs(os.path.join(data, "artifacts"), mode=0o700, exist_ok=True)
with open(os.path.join(data, "artifacts", name), "wb") as out:
    out.write(file)

database = sqlite3.connect(os.path.join(data, "switchhook.db"), timeout=30)
SECOND = 1000000
with database:
    ended, = database.execute("SELECT ended_at FROM runs WHERE id = ?", (run,)).fetchone()
    answered = ended - SECONDS * SECOND
    database.execute("UPDATE runs SET created_at = ?, answered_at = ? WHERE id = ?", (answered - 4 * SECOND, answered, run))
    database.execute("UPDATE timeline SET at = ? WHERE run_id = ? AND state = 'ringing'", (answered - 3 * SECOND, run))
    database.execute("UPDATE timeline SET at = ? WHERE run_id = ? AND state = 'in-progress'", (answered, run))
    lines = database.execute("SELECT seq, speaker FROM transcripts WHERE run_id = ? AND kind <> 'prompt' ORDER BY seq", (run,)).fetchall()
    database.execute("UPDATE transcripts SET at = ? WHERE run_id = ?", (answered, run))
    for seq, speaker in lines:
        if speaker == "callee":
            database.execute("UPDATE transcripts SET at = ? WHERE run_id = ? AND seq = ?", (answered + 5 * SECOND, run, seq))
    database.execute("INSERT INTO artifacts (run_id, kind, file, bytes, sha256, created_at) VALUES (?, 'recording', ?, ?, ?, ?)",
        (run, name, len(file), hashlib.sha256(file).digest(), ended))
`;

/** Gives a run that is over a recording of twelve seconds. */
export function record(dataDir: string, run: number): void {
  execFileSync('python3', ['-c', SCRIPT, dataDir, String(run)]);
}
