namespace Vms.Containers.AtRest;

/// <summary>How a fragment's content stands on the disk. Every form has the length of the canonical one, which is what is hashed, indexed and sent. The values
/// are flags of the `uuid` box.</summary>
public enum StoredForm
{
    /// <summary>`moof` + `mdat` + `free`.</summary>
    Canonical = 0,

    /// <summary><see cref="EncryptedFragment"/>.</summary>
    Encrypted = 4,

    /// <summary><see cref="MatroskaFragment"/>.</summary>
    Matroska = 8,
}
