namespace Vms.WebRtc.Stun;

/// <summary>Class and method as they stand together in the first two bytes (RFC 8489 §5); only the Binding method is spoken.</summary>
public enum StunMessageType : ushort
{
    BindingRequest = 0x0001,
    BindingIndication = 0x0011,
    BindingSuccess = 0x0101,
    BindingError = 0x0111,
}

/// <summary>Attribute types (RFC 8489 §18.3, RFC 8445 §16.1). Below 0x8000: comprehension required.</summary>
public enum StunAttributeType : ushort
{
    Username = 0x0006,
    MessageIntegrity = 0x0008,
    ErrorCode = 0x0009,
    XorMappedAddress = 0x0020,
    Priority = 0x0024,
    UseCandidate = 0x0025,
    Fingerprint = 0x8028,
    IceControlled = 0x8029,
    IceControlling = 0x802A,
}
