using System.Text;

namespace Vms.Bus;

/// <summary>Rules of subjects: dot-separated tokens without white space. What passes cannot break out of a control line.</summary>
internal static class BusSubject
{
    /// <summary>The server refuses control lines above 4 KiB; two subjects and the sizes must fit.</summary>
    private const int MaxBytes = 1024;

    /// <exception cref="ArgumentException">Not a subject one can publish to.</exception>
    public static void CheckForPublish(string subject)
    {
        Check(subject);
        foreach (var token in subject.Split('.'))
            if (token is "*" or ">")
                throw new ArgumentException($"Cannot publish to the wildcard subject '{subject}'.", nameof(subject));
    }

    /// <exception cref="ArgumentException">Not a subject; wildcards are allowed.</exception>
    public static void Check(string subject)
    {
        var valid = subject.Length > 0 && Encoding.UTF8.GetByteCount(subject) <= MaxBytes
            && subject[0] != '.' && subject[^1] != '.' && !subject.Contains("..", StringComparison.Ordinal);
        foreach (var c in subject) valid &= c > ' ' && c != 0x7F && !char.IsControl(c) && !char.IsWhiteSpace(c);

        if (!valid) throw new ArgumentException($"'{subject}' is not a subject.", nameof(subject));
    }
}
