namespace Vms.Bus;

/// <summary>JetStream's <c>err_code</c> values that this product reacts to.</summary>
public static class JetStreamError
{
    public const int AccountResourcesExceeded = 10002;
    public const int TemporarilyUnavailable = 10008;
    public const int ConsumerNotFound = 10014;
    public const int InsufficientResources = 10023;
    public const int NoMessageFound = 10037;
    public const int StorageResourcesExceeded = 10047;
    public const int StreamNameInUse = 10058;
    public const int StreamNotFound = 10059;
    public const int SubjectsOverlap = 10065;
    public const int WrongLastSequence = 10071;
    public const int StreamStoreFailed = 10077;
}
