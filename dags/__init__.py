"""When the archive works: Airflow's DAGs, which decide nothing themselves."""
