using System.Reflection;
using System.Runtime.InteropServices;

namespace Vms.Native.OpenSsl;

/// <summary>Finds the libraries by the file names of the system; version 3 only, its functions and sizes are what is declared here.</summary>
internal static class OpenSslLibraries
{
    public const string Ssl = "ssl-3";
    public const string Crypto = "crypto-3";
    private static readonly Lock s_lock = new();
    private static bool s_registered;

    public static void Register()
    {
        lock (s_lock)
        {
            if (s_registered)
                return;
            NativeLibrary.SetDllImportResolver(typeof(OpenSslLibraries).Assembly, Resolve);
            s_registered = true;
        }
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name is not (Ssl or Crypto))
            return 0;       // the default search

        var file = FileNameOf(name);
        if (NativeLibrary.TryLoad(file, assembly, path, out nint library))
            return library;
        throw new DllNotFoundException($"{file} not found: WebRTC needs OpenSSL 3 ({InstallHint()})");
    }

    private static string FileNameOf(string name)
    {
        bool ssl = name == Ssl;
        if (OperatingSystem.IsWindows())
            return RuntimeInformation.ProcessArchitecture == Architecture.Arm64
                ? (ssl ? "libssl-3-arm64.dll" : "libcrypto-3-arm64.dll")
                : (ssl ? "libssl-3-x64.dll" : "libcrypto-3-x64.dll");
        return ssl ? "libssl.so.3" : "libcrypto.so.3";
    }

    private static string InstallHint() => OperatingSystem.IsWindows()
        ? "its two DLLs beside the program"
        : "package libssl3";
}
