using System.Runtime.InteropServices;

namespace Vms.Native.OpenSsl;

/// <summary>Owns an SSL_CTX.</summary>
internal sealed class SslContextHandle() : SafeHandle(0, ownsHandle: true)
{
    public SslContextHandle(nint context)
        : this() => SetHandle(context);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        LibSsl.SSL_CTX_free(handle);
        return true;
    }
}

/// <summary>Owns an SSL and, through it, its two BIOs.</summary>
internal sealed class SslHandle() : SafeHandle(0, ownsHandle: true)
{
    public SslHandle(nint ssl)
        : this() => SetHandle(ssl);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        LibSsl.SSL_free(handle);
        return true;
    }
}

/// <summary>Owns an EVP_CIPHER_CTX.</summary>
internal sealed class CipherContextHandle() : SafeHandle(0, ownsHandle: true)
{
    public CipherContextHandle(nint context)
        : this() => SetHandle(context);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        LibSsl.EVP_CIPHER_CTX_free(handle);
        return true;
    }
}
