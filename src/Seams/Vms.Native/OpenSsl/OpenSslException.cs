using System.Runtime.InteropServices;
using System.Text;

namespace Vms.Native.OpenSsl;

/// <summary>OpenSSL could not be set up; the connection or the process goes without it.</summary>
public sealed class OpenSslException(string message) : Exception(message)
{
    /// <summary>Empties this thread's error queue into one line.</summary>
    internal static unsafe string TakeErrors()
    {
        const int Length = 256;
        byte* buffer = stackalloc byte[Length];
        var text = new StringBuilder();
        for (var error = LibSsl.ERR_get_error(); error.Value != 0; error = LibSsl.ERR_get_error())
        {
            LibSsl.ERR_error_string_n(error, buffer, Length);
            text.Append(text.Length > 0 ? "; " : "").Append(Marshal.PtrToStringUTF8((nint)buffer));
        }

        return text.ToString();
    }

    internal static void ThrowIfNot(bool succeeded, string what)
    {
        if (!succeeded)
            throw new OpenSslException($"{what}: {TakeErrors()}");
    }
}
