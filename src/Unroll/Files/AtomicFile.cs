namespace Unroll.Files;

/// <summary>
/// Writes a file whole or not at all: to a temporary name beside it, flushed to the disk, then renamed over it. Whoever
/// reads the path sees the old bytes or the new, even where the process is killed in between.
/// </summary>
internal static class AtomicFile
{
    private const string Ending = ".tmp";

    /// <summary>Replaces or creates a file with what <paramref name="write"/> puts in the stream.</summary>
    /// <exception cref="IOException">The file cannot be written; the message has the path and the reason. A file that was there is as it was.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        string full = Path.GetFullPath(path), folder = Path.GetDirectoryName(full) ?? full;
        if (Directory.Exists(full) || Path.EndsInDirectorySeparator(full)) throw Fault(path, "it is a folder; give the path of a file", null);
        if (!Directory.Exists(folder)) throw Fault(path, $"the folder '{folder}' does not exist; create it or choose another", null);

        string temporary = $"{full}.{Path.GetRandomFileName()}{Ending}";
        try
        {
            RemoveLeftovers(full, folder);
            try
            {
                // The file stays open, and with that locked, until it has its name: another process's sweep for
                // leftovers passes it by. Sharing Delete lets Windows rename it.
                using var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Delete, 1 << 16);
                write(stream);
                stream.Flush(flushToDisk: true);
                File.Move(temporary, full, overwrite: true);
            }
            catch
            {
                File.Delete(temporary);
                throw;
            }
        }
        catch (UnauthorizedAccessException cause)
        {
            throw Fault(path, $"no permission to write in the folder '{folder}'; change it or choose another", cause);
        }
        catch (IOException cause)
        {
            throw Fault(path, cause.Message.TrimEnd('.'), cause);
        }
    }

    /// <summary>Replaces or creates a file with text in UTF-8, without a byte order mark.</summary>
    /// <exception cref="IOException">The file cannot be written; the message has the path and the reason.</exception>
    public static void WriteText(string path, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>Removes the temporary files of writers that were killed: those that nobody holds open.</summary>
    private static void RemoveLeftovers(string full, string folder)
    {
        try
        {
            foreach (string file in Directory.EnumerateFiles(folder, "*" + Ending))
            {
                // Only the names that Write makes: the path, a random name of 8.3 characters, the ending.
                if (file.Length != full.Length + 1 + 12 + Ending.Length || !file.StartsWith(full + ".", StringComparison.Ordinal)) continue;
                using var stream = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.None);
                File.Delete(file);
            }
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            // Held by a writer that is alive, or not ours to remove: the next write tries again.
        }
    }

    private static IOException Fault(string path, string reason, Exception? cause) =>
        new($"'{path}' could not be written: {reason}.", cause);
}
