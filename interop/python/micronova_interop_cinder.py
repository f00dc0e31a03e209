"""Cinder's side of the interop cloud: a back end whose volumes are rows of Cinder's database and nothing else."""
from cinder import exception
from cinder import interface
from cinder.volume import driver

# In GiB: no volume of this size or more can be made, so that a scenario has one that fails.
TOO_LARGE = 1000


@interface.volumedriver
class InteropVolumeDriver(driver.VolumeDriver):
    VERSION = '1.0'

    def do_setup(self, context):
        """There is nothing to set up."""

    def check_for_setup_error(self):
        """And so nothing to check."""

    def _update_volume_stats(self):
        self._stats = {
            'volume_backend_name': self.configuration.safe_get('volume_backend_name'),
            'vendor_name': 'Micronova',
            'driver_version': self.VERSION,
            'storage_protocol': 'fake',
            'total_capacity_gb': 'infinite',
            'free_capacity_gb': 'infinite',
            'multiattach': True,
        }

    def create_volume(self, volume):
        if volume.size >= TOO_LARGE:
            raise exception.VolumeBackendAPIException(data='a volume of %s GiB is too large' % volume.size)

    def delete_volume(self, volume):
        pass

    def create_snapshot(self, snapshot):
        pass

    def delete_snapshot(self, snapshot):
        pass

    def create_volume_from_snapshot(self, volume, snapshot):
        pass

    def create_cloned_volume(self, volume, src_vref):
        pass

    def extend_volume(self, volume, new_size):
        pass

    def clone_image(self, context, volume, image_location, image_meta, image_service):
        """Says that it is done, so that Cinder downloads nothing."""
        self.create_volume(volume)
        return {}, True

    def copy_image_to_volume(self, context, volume, image_service, image_id, disable_sparse=False):
        pass

    def ensure_export(self, context, volume):
        pass

    def create_export(self, context, volume, connector):
        pass

    def remove_export(self, context, volume):
        pass

    def initialize_connection(self, volume, connector):
        """Of a kind that the fake hypervisor of either kind takes."""
        return {'driver_volume_type': 'fake', 'data': {'volume_id': volume.id, 'host': connector['host']}}

    def terminate_connection(self, volume, connector, **kwargs):
        pass
